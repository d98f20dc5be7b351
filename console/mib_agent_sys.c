// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to net-snmp's agent library (AgentX, RFC 2741) and to the control socket.
 *
 * The daemon is asked when the master agent asks us, and what it answered serves for `age` seconds,
 * or for fifty times as long as the asking took: however many walk through the tables, the daemon
 * spends at most a fiftieth of its time on them.
 */
#include "console/mib_agent.h"
#include "console/mib.h"
#include "console/mib_watch.h"

#include "base/client.h"
#include "base/log.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>

#define PATIENCE_S 10 /* with a daemon that does not answer */
#define PAUSE	   50 /* times as long as the asking took */

/* NET-SNMP-MIB::netSnmpPlaypen.2516.1: the objects. See the MIB for why it is there. */
static const oid objects[] = { 1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 2516, 1 };
#define OBJECTS_LEN OID_LENGTH(objects)
#define ENTRY_MAX   (OBJECTS_LEN + 2)

struct served {
	struct mib_image image;
	oid entry[ENTRY_MAX];
	size_t len;
	uint64_t until; /* the image serves until then; monotonic ns */
};

static const struct mib_agent_config *conf;
static struct served *served; /* mib_table_count of them */
static volatile sig_atomic_t leaving;
static struct mib_watch watch;
static bool told; /* that the daemon does not answer: once each time */

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static int ask(const struct mib_table *t, struct client *c, struct sbuf *ret)
{
	const struct timeval patience = { .tv_sec = PATIENCE_S };
	char message[CONTROL_MESSAGE_MAX];
	enum control_status status;
	int r = client_init(c, conf->socket);

	if (!r && setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)))
		r = -errno;
	if (!r)
		r = client_request(c, 2, t->command);
	if (!r)
		r = client_status(c, &status, message);
	if (!r && status != CONTROL_OK)
		r = -EOPNOTSUPP;
	if (!r)
		r = client_body_read(c, ret);
	client_fini(c);
	return r;
}

/* A daemon that does not answer has no values: better none than those of yesterday. 0, or why. */
static int load(struct served *s, const struct mib_table *t)
{
	uint64_t began = now(), took;
	struct client *c = malloc(sizeof(*c));
	struct mib_image fresh = { .table = t };
	struct sbuf text = { 0 };
	int r = c ? ask(t, c, &text) : -ENOMEM;

	if (!r)
		r = mib_image_read(&fresh, t, text.p ? text.p : "", text.len);
	if (r && !told)
		log_warn("%s is not answered for: %s", t->name, strerror(-r));
	else if (!r && told)
		log_notice("the daemon answers again");
	told = r;
	mib_image_fini(&s->image);
	s->image = fresh;
	sbuf_fini(&text);
	free(c);
	took = now() - began;
	s->until = now() + (took * PAUSE > conf->age * 1000000000ULL ? took * PAUSE
								     : conf->age * 1000000000ULL);
	return r;
}

static unsigned char asn_type(enum mib_type type)
{
	switch (type) {
	case MIB_TEXT:
	case MIB_MAC:
	case MIB_ADDRESS4:
	case MIB_PREFIX6:
		return ASN_OCTET_STR;
	case MIB_PREFIX6_LEN:
	case MIB_GAUGE:
		return ASN_GAUGE;
	case MIB_COUNTER:
		return ASN_COUNTER64;
	case MIB_TICKS:
		return ASN_TIMETICKS;
	case MIB_ENUM:
	case MIB_TRUTH:
		return ASN_INTEGER;
	}
	return ASN_NULL;
}

static void put(struct variable_list *v, const struct mib_image *m, const struct mib_place *p,
		const struct mib_value *value)
{
	enum mib_type type = m->table->columns[p->column - m->table->first].type;
	struct counter64 wide = { .high = (u_long)(value->number >> 32),
				  .low = (u_long)(value->number & 0xffffffff) };
	u_long number = (u_long)value->number;
	long integer = (long)value->number;

	if (mib_is_octets(type))
		snmp_set_var_typed_value(v, ASN_OCTET_STR, m->octets.p + value->number, value->len);
	else if (type == MIB_COUNTER)
		snmp_set_var_typed_value(v, ASN_COUNTER64, &wide, sizeof(wide));
	else if (asn_type(type) == ASN_INTEGER)
		snmp_set_var_typed_value(v, ASN_INTEGER, &integer, sizeof(integer));
	else
		snmp_set_var_typed_value(v, asn_type(type), &number, sizeof(number));
}

/* What of a name lies below the entry; one that is before the entry gives nothing. */
static size_t below(const struct served *s, const struct variable_list *v,
		    uint32_t ret[MAX_OID_LEN])
{
	size_t n = 0;

	if (v->name_length > s->len && !snmp_oid_compare(v->name, s->len, s->entry, s->len))
		for (; s->len + n < v->name_length && n < MAX_OID_LEN; n++)
			ret[n] = (uint32_t)v->name[s->len + n];
	return n;
}

static void answer_next(const struct served *s, netsnmp_request_info *request)
{
	struct variable_list *v = request->requestvb;
	uint32_t sub[MAX_OID_LEN], next[1 + MIB_KEY_MAX];
	const struct mib_value *value;
	oid name[MAX_OID_LEN];
	struct mib_place p;
	size_t len;

	/* Behind all of the table is nobody's question to us: the master agent asks the next one.
	 */
	if (snmp_oid_compare(v->name, SNMP_MIN(v->name_length, s->len), s->entry, s->len) > 0)
		return;
	value = mib_next(&s->image, sub, below(s, v, sub), &p);
	if (!value)
		return;
	len = mib_oid(&s->image, &p, next);
	memcpy(name, s->entry, s->len * sizeof(oid));
	for (size_t i = 0; i < len; i++)
		name[s->len + i] = next[i];
	snmp_set_var_objid(v, name, s->len + len);
	put(v, &s->image, &p, value);
}

static void answer(const struct served *s, int mode, netsnmp_request_info *request)
{
	const struct mib_value *value;
	uint32_t sub[MAX_OID_LEN];
	struct mib_place p;

	if (mode == MODE_GETNEXT) {
		answer_next(s, request);
		return;
	}
	value = mib_get(&s->image, sub, below(s, request->requestvb, sub), &p);
	if (value)
		put(request->requestvb, &s->image, &p, value);
	else
		netsnmp_set_request_error(request->agent_req_info, request, SNMP_NOSUCHINSTANCE);
}

static int handle(netsnmp_mib_handler *handler, netsnmp_handler_registration *reginfo,
		  netsnmp_agent_request_info *info, netsnmp_request_info *requests)
{
	struct served *s = reginfo->my_reg_void;

	(void)handler;
	if (now() >= s->until)
		(void)load(s, s->image.table);
	for (netsnmp_request_info *r = requests; r; r = r->next)
		if (!r->processed)
			answer(s, info->mode, r);
	return SNMP_ERR_NOERROR;
}

/* --- notifications (RFC 3416, section 4.2.6): snmpd sends them to whom its trap2sink says ------
 */

static void add_object(netsnmp_variable_list **vars, const struct served *s,
		       const struct mib_place *p)
{
	const struct mib_value *v = &s->image.values[(size_t)p->row * s->image.table->count +
						     (p->column - s->image.table->first)];
	oid name[ENTRY_MAX + 1 + MIB_KEY_MAX];
	uint32_t sub[1 + MIB_KEY_MAX];
	size_t len = mib_oid(&s->image, p, sub);
	netsnmp_variable_list *var;

	if (!v->there)
		return;
	memcpy(name, s->entry, s->len * sizeof(oid));
	for (size_t i = 0; i < len; i++)
		name[s->len + i] = sub[i];
	var = snmp_varlist_add_variable(vars, name, s->len + len, ASN_NULL, NULL, 0);
	if (var)
		put(var, &s->image, p, v);
}

static void notify(void *arg, enum mib_event e, const struct mib_image *m, unsigned row)
{
	static const oid trap_oid[] = { 1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0 }; /* snmpTrapOID.0 */
	const struct mib_event_row *event = &mib_events[e];
	netsnmp_variable_list *vars = NULL;
	oid own[OBJECTS_LEN + 1];
	unsigned c;

	memcpy(own, objects, sizeof(objects));
	own[OBJECTS_LEN - 1] = 0; /* brasNotifications */
	own[OBJECTS_LEN] = e;
	snmp_varlist_add_variable(&vars, trap_oid, OID_LENGTH(trap_oid), ASN_OBJECT_ID, own,
				  sizeof(own));
	for (unsigned i = 0; m && i < MIB_EVENT_OBJECTS && event->objects[i]; i++)
		if (!mib_column_at(m->table, event->objects[i], &c))
			add_object(
				&vars, arg,
				&(struct mib_place){ .column = m->table->first + c, .row = row });
	send_v2trap(vars);
	snmp_free_varbind(vars);
}

static void look(unsigned id, void *arg)
{
	(void)id, (void)arg;
	for (unsigned i = 0; i < mib_table_count; i++) {
		struct served *s = &served[i];
		bool box = !strcmp(mib_tables[i].name, mib_events[MIB_UP].table);

		if (!box && strcmp(mib_tables[i].name, mib_events[MIB_POOL_FREE].table) != 0 &&
		    strcmp(mib_tables[i].name, mib_events[MIB_RADIUS_UP].table) != 0)
			continue;
		if (load(s, &mib_tables[i])) {
			if (box)
				mib_watch_box(&watch, NULL, notify, s);
			return; /* what is unknown is not told of */
		}
		if (box)
			mib_watch_box(&watch, &s->image, notify, s);
		else
			(void)mib_watch_table(&watch, &s->image, notify, s);
	}
}

static int serve(struct served *s, const struct mib_table *t)
{
	netsnmp_handler_registration *reg;

	s->image.table = t;
	memcpy(s->entry, objects, sizeof(objects));
	s->len = OBJECTS_LEN;
	s->entry[s->len++] = t->at;
	if (t->key != MIB_KEY_NONE)
		s->entry[s->len++] = 1; /* a table's one entry */
	reg = netsnmp_create_handler_registration(t->name, handle, s->entry, s->len,
						  HANDLER_CAN_RONLY);
	if (!reg)
		return -ENOMEM;
	reg->my_reg_void = s;
	if (*conf->context)
		reg->contextName = strdup(conf->context);
	return netsnmp_register_handler(reg) == MIB_REGISTERED_OK ? 0 : -EADDRINUSE;
}

static void leave(int sig)
{
	(void)sig;
	leaving = 1;
}

/* Nothing is read from files, and nothing is kept in one. */
static void set_up(void)
{
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_ROLE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD, 1);
	if (conf->master)
		netsnmp_ds_set_string(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_X_SOCKET,
				      conf->master);
	setenv("MIBS", "", 1); /* names are for whoever reads */
	snmp_enable_stderrlog();
	init_agent("brasd-snmp");
	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID, NETSNMP_DS_AGENT_AGENTX_PING_INTERVAL, 5);
}

int mib_agent(const struct mib_agent_config *config)
{
	const struct sigaction end = { .sa_handler = leave };
	int r = 0;

	conf = config;
	served = calloc(mib_table_count, sizeof(*served));
	if (!served)
		return -ENOMEM;
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	set_up();
	for (unsigned i = 0; !r && i < mib_table_count; i++)
		r = serve(&served[i], &mib_tables[i]);
	if (!r)
		init_snmp("brasd-snmp");
	if (!r && conf->look)
		snmp_alarm_register(conf->look, SA_REPEAT, look, NULL);
	if (!r)
		log_notice("ready: %u tables", mib_table_count);
	while (!r && !leaving)
		agent_check_and_process(1);
	snmp_shutdown("brasd-snmp");
	for (unsigned i = 0; i < mib_table_count; i++)
		mib_image_fini(&served[i].image);
	mib_watch_fini(&watch);
	free(served);
	return r;
}
