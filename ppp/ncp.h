/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network control protocols: IPCP (RFC 1332, 1877) and IPV6CP (RFC 5072). */
#ifndef PPP_NCP_H
#define PPP_NCP_H

#include "ppp/packet.h"
#include "ppp/ppp.h"

enum ppp_ipcp_row { IPCP_ADDRESS, IPCP_DNS1, IPCP_DNS2 };
enum ppp_ipv6cp_row { IPV6CP_IFID };

/* Options of a Configure packet. 0 or -EBADMSG, no side effect. */
int ppp_ipcp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret);
int ppp_ipv6cp_parse(const uint8_t *p, size_t len, struct ppp_opts *ret);

struct ppp_cp;
extern const struct ppp_cp ppp_ipcp_cp, ppp_ipv6cp_cp;

#endif
