/* SPDX-License-Identifier: GPL-2.0-or-later */
/* brasd's configuration in rows: arrays of {"section", "key", "value"}, as `config show` answers.
 */
#ifndef CONSOLE_CONFIG_H
#define CONSOLE_CONFIG_H

#include <jansson.h>
#include <stdio.h>

/* Of what `brasd -p` prints. 0; -EBADMSG: it is no such text; -ENOMEM. */
int config_rows_read(const char *text, json_t **ret);
/* What has to be taken from @from ("change": "-") and added ("+") to make @to of it. A row that
 * stands twice counts twice. 0 or -ENOMEM. */
int config_rows_diff(const json_t *from, const json_t *to, json_t **ret);

/* As a file: [section], key = value. 0 or -EIO. */
int config_rows_print(FILE *out, const json_t *rows);
/* Differences: "+ [section] key = value", a line each. 0 or -EIO. */
int config_diff_print(FILE *out, const json_t *diff);

#endif
