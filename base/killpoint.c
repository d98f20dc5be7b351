// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/killpoint.h"

void (*killpoint)(const char *what);
