// SPDX-License-Identifier: GPL-2.0-or-later
/* The life of a line: dialling, its phases, its one timer, its end. */
#include "test/dialer/dialer.h"

#define RESTART	      (3 * NSEC_PER_SEC) /* RFC 1661, section 4.6 */
#define ECHO_FAILURE  3
#define MAX_TERMINATE 2
#define PADR_TRIES    4
#define PERSISTENT    10
#define MAX_SOLICIT   5

const char *reason_name(enum reason r)
{
	static const char *const names[] = {
#define X(id, name) name,
		REASONS(X)
#undef X
	};

	return r < R_COUNT ? names[r] : "?";
}

uint32_t line_index(const struct dialer *d, const struct line *l)
{
	return (uint32_t)(l - d->lines);
}

static uint16_t carrier_limit(const struct line *l)
{
	return l->max_payload > 1492 ? l->max_payload : 1492;
}

uint16_t line_mru(const struct dialer *d, const struct line *l)
{
	uint16_t mru = carrier_limit(l);

	if (d->o.mru && d->o.mru < mru)
		mru = d->o.mru;
	if (l->mru_nak >= 128 && l->mru_nak < mru)
		mru = l->mru_nak;
	return mru;
}

uint16_t line_mtu(const struct line *l)
{
	return l->peer_mru < carrier_limit(l) ? l->peer_mru : carrier_limit(l);
}

void line_arm(struct dialer *d, struct line *l, uint64_t after)
{
	timer_set(d->wheel, &l->timer, loop_now(d->loop) + after);
}

static bool dialling(const struct line *l)
{
	return l->phase >= PH_PADI && l->phase <= PH_NET;
}

static void line_clear(struct dialer *d, struct line *l)
{
	l->lcp = l->ipcp = l->ipv6cp = (struct nego){ 0 };
	l->ip = l->gateway = l->dns[0] = l->dns[1] = 0;
	l->max_payload = l->mru_nak = l->ra_mtu = l->ra_lifetime = 0;
	l->pd = (struct prefix6){ 0 };
	l->na = (struct ip6){ 0 };
	l->peer_mru = 1500;
	l->prefix_len = l->prefix_flags = l->tries = l->auth = l->echo_missed = 0;
	l->has_ra = l->came_up = false;
	l->prefix = (struct ip6){ 0 };
	l->magic = dialer_random(d) | 1;
	for (unsigned i = 0; i < 8; i++)
		l->ifid[i] = (uint8_t)dialer_random(d);
	l->ifid[0] &= 0xfd; /* not from a MAC: "universal" bit off (RFC 4291, appendix A) */
	l->ifid[7] |= 1;
}

void line_dial(struct dialer *d, uint64_t now, struct line *l)
{
	line_clear(d, l);
	l->dials++;
	l->phase = PH_PADI;
	l->reason = R_NONE;
	l->started = now;
	d->st.dials++;
	d->st.outstanding++;
	if (!d->st.first)
		d->st.first = now;
	disc_padi(d, l);
	line_arm(d, l, NSEC_PER_SEC);
}

void line_session(struct dialer *d, uint64_t now, struct line *l)
{
	(void)now;
	l->phase = PH_LCP;
	l->tries = 0;
	nego_start(d, l, &layer_lcp);
	line_arm(d, l, RESTART);
}

static void network_start(struct dialer *d, uint64_t now, struct line *l)
{
	l->phase = PH_NET;
	l->tries = 0;
	l->ipcp.state = l->ipv6cp.state = N_DENIED;
	if (d->o.ipv4)
		nego_start(d, l, &layer_ipcp);
	if (d->o.ipv6)
		nego_start(d, l, &layer_ipv6cp);
	line_arm(d, l, RESTART);
	line_network(d, now, l);
}

void line_lcp_up(struct dialer *d, uint64_t now, struct line *l)
{
	if (l->phase != PH_LCP)
		return;
	if (l->auth == AUTH_NONE) {
		network_start(d, now, l);
		return;
	}
	l->phase = PH_AUTH;
	l->tries = 0;
	auth_start(d, now, l);
	line_arm(d, l, RESTART);
}

void line_auth_up(struct dialer *d, uint64_t now, struct line *l)
{
	network_start(d, now, l);
}

static void record_setup(struct stats *st, uint32_t us)
{
	if (st->setup_count < st->setup_cap)
		st->setup_us[st->setup_count++] = us;
}

static void line_open(struct dialer *d, uint64_t now, struct line *l)
{
	l->setup_us = (uint32_t)((loop_clock() - l->started) / 1000); /* plumbing is not set-up */
	if (d->emu && emu_attach(d->emu, l)) {
		line_end(d, now, l, R_PLUMB, true);
		return;
	}
	l->plumbed = d->emu;
	l->phase = PH_OPEN;
	l->came_up = true;
	d->st.outstanding--;
	d->st.up_now++;
	d->st.came_up++;
	d->st.auths[l->auth]++;
	d->st.last = now;
	record_setup(&d->st, l->setup_us);
	timer_cancel(d->wheel, &l->timer);
	l->deadline = d->o.flap && !d->o.hold_forever ? now + d->o.hold : 0;
	report_up(d, l);
	if (d->o.echo_interval)
		line_arm(d, l, d->o.echo_interval);
	else if (l->deadline)
		line_arm(d, l, l->deadline - now);
}

void line_network(struct dialer *d, uint64_t now, struct line *l)
{
	bool v4 = l->ipcp.state == N_OPENED;
	bool v6 = l->ipv6cp.state == N_OPENED && l->has_ra && !dhcp6_pending(d, l);

	if (l->phase != PH_NET)
		return;
	if (l->ipcp.state == N_DENIED && l->ipv6cp.state == N_DENIED)
		line_end(d, now, l, R_NO_NETWORK, true);
	else if ((v4 || l->ipcp.state == N_DENIED) && (v6 || l->ipv6cp.state == N_DENIED))
		line_open(d, now, l);
}

static void count_end(struct dialer *d, struct line *l, enum reason why)
{
	if (dialling(l))
		d->st.outstanding--;
	if (l->came_up) {
		d->st.up_now--;
		d->st.ends[why]++;
	} else {
		d->st.failed++;
		d->st.failures[why]++;
	}
}

void line_end(struct dialer *d, uint64_t now, struct line *l, enum reason why, bool padt)
{
	(void)now;
	if (l->phase == PH_IDLE || l->phase == PH_DONE)
		return;
	timer_cancel(d->wheel, &l->timer);
	if (l->plumbed)
		emu_detach(d->emu, l);
	l->plumbed = false;
	if (padt && l->sid)
		disc_padt(d, l);
	count_end(d, l, why);
	l->reason = (uint8_t)why;
	report_down(d, l, why);
	disc_forget(d, l);
	if (!d->closing && l->dials <= d->o.flap) {
		l->phase = PH_IDLE;
		d->redial[d->redial_head++ % d->o.lines] = line_index(d, l);
	} else {
		l->phase = PH_DONE;
		d->st.finished++;
	}
}

void line_hangup(struct dialer *d, uint64_t now, struct line *l)
{
	if (l->phase == PH_IDLE) {
		l->phase = PH_DONE; /* it waited for its turn to dial */
		d->st.finished++;
		return;
	}
	if (l->phase < PH_LCP) {
		line_end(d, now, l, R_HUNG_UP, false);
		return;
	}
	if (l->phase >= PH_CLOSING)
		return;
	if (dialling(l))
		d->st.outstanding--;
	l->phase = PH_CLOSING;
	l->tries = 1;
	lcp_terminate(d, l);
	line_arm(d, l, NSEC_PER_SEC);
}

static void discovery_timer(struct dialer *d, uint64_t now, struct line *l)
{
	if (++l->tries > d->o.retries) {
		line_end(d, now, l, l->phase == PH_PADI ? R_NO_PADO : R_NO_PADS, false);
		return;
	}
	d->st.retransmits++;
	if (l->phase == PH_PADR && d->o.retries >= PERSISTENT && l->tries % PADR_TRIES == 0) {
		disc_forget(d, l); /* from the beginning, as hosts do: its cookie is old */
		l->phase = PH_PADI;
	}
	if (l->phase == PH_PADI)
		disc_padi(d, l);
	else
		disc_padr(d, l);
	line_arm(d, l, NSEC_PER_SEC << (l->tries < 4 ? l->tries : 4));
}

static void auth_timer(struct dialer *d, uint64_t now, struct line *l)
{
	if (now >= l->deadline) {
		line_end(d, now, l, R_AUTH_TIMEOUT, true);
		return;
	}
	auth_retry(d, l);
	line_arm(d, l, RESTART);
}

static bool pending(const struct nego *n)
{
	return n->state != N_OPENED && n->state != N_DENIED;
}

static void network_timer(struct dialer *d, uint64_t now, struct line *l)
{
	bool open = l->ipv6cp.state == N_OPENED, need_ra = open && !l->has_ra;
	bool need_dhcp = open && l->has_ra && dhcp6_pending(d, l);

	if (pending(&l->ipcp) && !nego_retry(d, l, &layer_ipcp)) {
		line_end(d, now, l, R_IPCP_TIMEOUT, true);
	} else if (pending(&l->ipv6cp) && !nego_retry(d, l, &layer_ipv6cp)) {
		line_end(d, now, l, R_IPV6CP_TIMEOUT, true);
	} else if (need_ra && ++l->tries > MAX_SOLICIT) {
		line_end(d, now, l, R_NO_RA, true);
	} else if (need_dhcp && ++l->tries > MAX_SOLICIT) {
		line_end(d, now, l, R_NO_DHCP6, true);
	} else {
		if (need_dhcp) {
			d->st.retransmits++;
			dhcp6_solicit(d, l);
		}
		if (need_ra) {
			d->st.retransmits++;
			ra_solicit(d, l);
		}
		line_arm(d, l, RESTART);
	}
}

static void open_timer(struct dialer *d, uint64_t now, struct line *l)
{
	if (l->deadline && now >= l->deadline) {
		line_hangup(d, now, l);
		return;
	}
	if (d->o.echo_interval) {
		d->st.echo_lost += l->echo_missed > 0;
		if (l->echo_missed++ >= ECHO_FAILURE) {
			line_end(d, now, l, R_ECHO_LOST, true);
			return;
		}
		lcp_echo(d, l);
		line_arm(d, l, d->o.echo_interval);
	} else if (l->deadline) {
		line_arm(d, l, l->deadline - now);
	}
}

static void closing_timer(struct dialer *d, uint64_t now, struct line *l)
{
	if (l->tries++ >= MAX_TERMINATE) {
		line_end(d, now, l, R_HUNG_UP, true);
		return;
	}
	lcp_terminate(d, l);
	line_arm(d, l, NSEC_PER_SEC);
}

void line_timer(struct timer *t, uint64_t now)
{
	struct line *l = container_of(t, struct line, timer);
	struct dialer *d = the_dialer();

	switch ((enum phase)l->phase) {
	case PH_PADI:
	case PH_PADR:
		discovery_timer(d, now, l);
		break;
	case PH_LCP:
		if (!nego_retry(d, l, &layer_lcp))
			line_end(d, now, l, R_LCP_TIMEOUT, true);
		else
			line_arm(d, l, RESTART);
		break;
	case PH_AUTH:
		auth_timer(d, now, l);
		break;
	case PH_NET:
		network_timer(d, now, l);
		break;
	case PH_OPEN:
		open_timer(d, now, l);
		break;
	case PH_CLOSING:
		closing_timer(d, now, l);
		break;
	case PH_IDLE:
	case PH_DONE:
		break;
	}
	io_flush(d->io);
}
