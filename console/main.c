// SPDX-License-Identifier: GPL-2.0-or-later
#include "console/brasctl.h"

int main(int argc, char **argv)
{
	return brasctl(argc, argv, stdout, stderr);
}
