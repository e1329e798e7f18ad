/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UWL_H
#define UWL_H

long uwl_triple(long n);

#endif
