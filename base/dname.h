/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain names as octets: labels behind their lengths, the empty one last (RFC 1035, section 3.1).
 * Never compressed: so want it RFC 8106, section 5.2 and RFC 8415, section 10. */
#ifndef BASE_DNAME_H
#define BASE_DNAME_H

#include "base/wire.h"

#define DNAME_MAX    255 /* octets */
#define DNAME_STRLEN 254 /* of text, with the NUL */

/* "example.net", with or without a dot at its end. Host names only (RFC 1123, section 2.1):
 * letters, digits, '-' and '_' in labels of 1 to 63. Appends; 0, -EINVAL, or -ENOSPC. */
int dname_write(struct wr *w, const char *text);

#endif
