/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef FAULTY_H
#define FAULTY_H

/* struct faulty_request - on its way. */
struct faulty_request {
	int id;
	unsigned int size;
	unsigned long flags;
	char *data;
};

#endif
