// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The tap's filter: attaching it, and what it shares with the daemon in mapped memory: how many
 * frames wait, and PADTs that it has noted instead of handing them up (bpf/tap.bpf.c).
 */
#include "bpf/priv.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define NOTE_SIZE 8 /* the kernel rounds an array's values up to this */

static size_t notes_size(const struct dp *dp)
{
	return (size_t)dp->config.max_sessions * NOTE_SIZE;
}

int dp_tap_open(struct dp *dp)
{
	void *at = mmap(NULL, notes_size(dp), PROT_READ | PROT_WRITE, MAP_SHARED,
			bpf_map__fd(dp->skel->maps.padts), 0);

	if (at == MAP_FAILED)
		return -errno;
	dp->padts = at;
	return 0;
}

void dp_tap_close(struct dp *dp)
{
	if (dp->padts)
		munmap(dp->padts, notes_size(dp));
	dp->padts = NULL;
}

int dp_tap_attach(struct dp *dp, uint16_t port, int fd)
{
	int prog = bpf_program__fd(dp->skel->progs.tap);

	if (!port || port >= ABI_PORTS_MAX)
		return -EINVAL;
	if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_BPF, &prog, sizeof(prog)))
		return -errno;
	return 0;
}

void dp_tap_read(struct dp *dp, uint16_t port, uint32_t frames)
{
	uint32_t *n = dp->skel->bss->tap_unread[port % ABI_PORTS_MAX];

	for (unsigned i = 0; i < 2; i++) {
		uint32_t left = __atomic_load_n(&n[i], __ATOMIC_RELAXED);

		__atomic_sub_fetch(&n[i], left < frames ? left : frames, __ATOMIC_RELAXED);
	}
}

bool dp_padts_noted(struct dp *dp)
{
	uint32_t *told = &dp->skel->bss->tap_told;

	return __atomic_load_n(told, __ATOMIC_RELAXED) &&
	       __atomic_exchange_n(told, 0, __ATOMIC_SEQ_CST);
}

uint32_t dp_padt_take(struct dp *dp, uint32_t slot)
{
	uint32_t *note;

	if (slot >= dp->config.max_sessions)
		return 0;
	note = (uint32_t *)(void *)(dp->padts + (size_t)slot * NOTE_SIZE);
	return __atomic_load_n(note, __ATOMIC_RELAXED)
		       ? __atomic_exchange_n(note, 0, __ATOMIC_RELAXED)
		       : 0;
}
