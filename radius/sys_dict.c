// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The door to libradcli, of which the dictionary is what we use. Its package has the RFCs' names,
 * Microsoft's, and Roaring Penguin's, some of them (Password, NAS-Port-Id for NAS-Port) from before
 * RFC 2869; the other vendors that we read, and ours, it has not. What is built in here comes last
 * and so is found first. Its vendor numbers have 16 bits.
 */
#include "radius/dictionary.h"

#include <errno.h>
#include <radcli/radcli.h>
#include <stdio.h>

#define DIRECTORY "/etc/radcli"
#define FILE_MAX  (256 * 1024) /* theirs have 10 KiB */

static const char additions[] = //
	"ATTRIBUTE User-Password 2 string\n"
	"ATTRIBUTE NAS-Port 5 integer\n"
	"ATTRIBUTE Callback-Number 19 string\n"
	"ATTRIBUTE NAS-Port-Id 87 string\n"
	"ATTRIBUTE Framed-IPv6-Pool 100 string\n"
	"ATTRIBUTE Delegated-IPv6-Prefix 123 ipv6prefix\n"
	"ATTRIBUTE Framed-IPv6-Address 168 ipv6addr\n"
	"ATTRIBUTE DNS-Server-IPv6-Address 169 ipv6addr\n"
	"ATTRIBUTE Route-IPv6-Information 170 ipv6prefix\n"
	"ATTRIBUTE Delegated-IPv6-Prefix-Pool 171 string\n"
	"ATTRIBUTE Stateful-IPv6-Address-Pool 172 string\n"
	"ATTRIBUTE Session-Octets-Limit 227 integer\n"
	"ATTRIBUTE Octets-Direction 228 integer\n"
	"VENDOR Cisco 9\n"
	"ATTRIBUTE Cisco-AVPair 1 string Cisco\n"
	"ATTRIBUTE Cisco-Policy-Up 37 string Cisco\n"
	"ATTRIBUTE Cisco-Policy-Down 38 string Cisco\n"
	"ATTRIBUTE Cisco-Sub-QoS-Pol-In 55 string Cisco\n"
	"ATTRIBUTE Cisco-Sub-QoS-Pol-Out 56 string Cisco\n"
	"VENDOR Microsoft 311\n"
	"ATTRIBUTE MS-CHAP-Error 2 string Microsoft\n"
	"ATTRIBUTE MS-CHAP-Challenge 11 string Microsoft\n"
	"ATTRIBUTE MS-MPPE-Send-Key 16 string Microsoft\n"
	"ATTRIBUTE MS-MPPE-Recv-Key 17 string Microsoft\n"
	"ATTRIBUTE MS-CHAP2-Response 25 string Microsoft\n"
	"ATTRIBUTE MS-CHAP2-Success 26 string Microsoft\n"
	"ATTRIBUTE MS-Primary-DNS-Server 28 ipaddr Microsoft\n"
	"ATTRIBUTE MS-Secondary-DNS-Server 29 ipaddr Microsoft\n"
	"VENDOR Ascend 529\n"
	"ATTRIBUTE Ascend-Data-Rate 197 integer Ascend\n"
	"ATTRIBUTE Ascend-Xmit-Rate 255 integer Ascend\n"
	"VENDOR Huawei 2011\n"
	"ATTRIBUTE Huawei-Input-Average-Rate 2 integer Huawei\n"
	"ATTRIBUTE Huawei-Input-Peak-Rate 3 integer Huawei\n"
	"ATTRIBUTE Huawei-Output-Average-Rate 5 integer Huawei\n"
	"ATTRIBUTE Huawei-Output-Peak-Rate 6 integer Huawei\n"
	"ATTRIBUTE Huawei-Qos-Profile-Name 31 string Huawei\n"
	"VENDOR ADSL-Forum 3561\n"
	"ATTRIBUTE ADSL-Agent-Circuit-Id 1 string ADSL-Forum\n"
	"ATTRIBUTE ADSL-Agent-Remote-Id 2 string ADSL-Forum\n"
	"VENDOR ERX 4874\n"
	"ATTRIBUTE ERX-Ingress-Policy-Name 10 string ERX\n"
	"ATTRIBUTE ERX-Egress-Policy-Name 11 string ERX\n"
	"ATTRIBUTE ERX-Qos-Profile-Name 26 string ERX\n"
	"ATTRIBUTE ERX-Service-Activate 65 string ERX\n"
	"ATTRIBUTE ERX-IPv6-Ingress-Policy-Name 106 string ERX\n"
	"ATTRIBUTE ERX-IPv6-Egress-Policy-Name 107 string ERX\n"
	"ATTRIBUTE ERX-Cos-Shaping-Rate 177 string ERX\n"
	"VENDOR Roaring-Penguin 10055\n"
	"ATTRIBUTE RP-Upstream-Speed-Limit 1 integer Roaring-Penguin\n"
	"ATTRIBUTE RP-Downstream-Speed-Limit 2 integer Roaring-Penguin\n"
	"ATTRIBUTE RP-HURL 3 string Roaring-Penguin\n"
	"ATTRIBUTE RP-MOTM 4 string Roaring-Penguin\n"
	"ATTRIBUTE RP-Max-Sessions-Per-User 5 integer Roaring-Penguin\n"
	"VENDOR WISPr 14122\n"
	"ATTRIBUTE WISPr-Bandwidth-Min-Up 5 integer WISPr\n"
	"ATTRIBUTE WISPr-Bandwidth-Min-Down 6 integer WISPr\n"
	"ATTRIBUTE WISPr-Bandwidth-Max-Up 7 integer WISPr\n"
	"ATTRIBUTE WISPr-Bandwidth-Max-Down 8 integer WISPr\n"
	"VENDOR Mikrotik 14988\n"
	"ATTRIBUTE Mikrotik-Rate-Limit 8 string Mikrotik\n"
	"ATTRIBUTE Mikrotik-Total-Limit 17 integer Mikrotik\n"
	"ATTRIBUTE Mikrotik-Total-Limit-Gigawords 18 integer Mikrotik\n"
	"ATTRIBUTE Mikrotik-Address-List 19 string Mikrotik\n"
	"ATTRIBUTE Mikrotik-Delegated-IPv6-Pool 22 string Mikrotik\n"
	"VENDOR brasberry 32473\n"
	"ATTRIBUTE BRAS-Input-Octets-IPv4 1 string brasberry\n"
	"ATTRIBUTE BRAS-Output-Octets-IPv4 2 string brasberry\n"
	"ATTRIBUTE BRAS-Input-Octets-IPv6 3 string brasberry\n"
	"ATTRIBUTE BRAS-Output-Octets-IPv6 4 string brasberry\n"
	"ATTRIBUTE BRAS-Input-Packets-IPv4 5 string brasberry\n"
	"ATTRIBUTE BRAS-Output-Packets-IPv4 6 string brasberry\n"
	"ATTRIBUTE BRAS-Input-Packets-IPv6 7 string brasberry\n"
	"ATTRIBUTE BRAS-Output-Packets-IPv6 8 string brasberry\n"
	"ATTRIBUTE BRAS-Mirror 9 string brasberry\n";

static rc_handle *handle;

static enum radius_kind kind_of(rc_attr_type type)
{
	switch (type) {
	case PW_TYPE_INTEGER:
		return RADIUS_KIND_U32;
	case PW_TYPE_IPADDR:
		return RADIUS_KIND_IP4;
	case PW_TYPE_DATE:
		return RADIUS_KIND_DATE;
	case PW_TYPE_IPV6ADDR:
		return RADIUS_KIND_IP6;
	case PW_TYPE_IPV6PREFIX:
		return RADIUS_KIND_PREFIX6;
	case PW_TYPE_STRING:
		break;
	}
	return RADIUS_KIND_TEXT;
}

static const char *find_attr(uint32_t vendor, uint8_t type, enum radius_kind *ret_kind)
{
	const DICT_ATTR *attr;

	if (vendor > INT16_MAX) /* shifted into an int */
		return NULL;
	attr = rc_dict_getattr(handle, (int)(vendor << 16 | type));
	if (!attr)
		return NULL;
	*ret_kind = kind_of(attr->type);
	return attr->name;
}

static const char *find_value(const char *attr_name, uint32_t value)
{
	const DICT_VALUE *v = rc_dict_getval(handle, value, attr_name);

	return v ? v->name : NULL;
}

/* Not with rc_read_dictionary(): it keeps a copy of the path that nothing frees. */
static void read_file(const char *dir, const char *name)
{
	_cleanup_free_ char *text = NULL;
	char path[256];
	size_t len;
	FILE *f;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return;
	f = fopen(path, "re");
	text = f ? malloc(FILE_MAX) : NULL;
	len = text ? fread(text, 1, FILE_MAX, f) : 0;
	if (len && len < FILE_MAX)
		(void)rc_read_dictionary_from_buffer(handle, text, len);
	if (f)
		(void)fclose(f);
}

int radius_dictionary_setup(const char *dir)
{
	static const struct radius_dictionary ours = { find_attr, find_value };

	radius_dictionary_teardown();
	handle = rc_new();
	if (!handle)
		return -ENOMEM;
	if (!dir)
		dir = DIRECTORY;
	read_file(dir, "dictionary");
	read_file(dir, "dictionary.microsoft");
	(void)rc_read_dictionary_from_buffer(handle, additions, sizeof(additions) - 1);
	radius_dictionary_use(&ours);
	return 0;
}

void radius_dictionary_teardown(void)
{
	radius_dictionary_use(NULL);
	if (!handle)
		return;
	rc_dict_free(handle);
	rc_destroy(handle);
	handle = NULL;
}
