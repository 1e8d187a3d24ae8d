/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <cardea/plugin.h>

/** @file
 * The tables of fields and options, and of errors. requests.c says who serves what. A leaf. */
extern const struct cardea_section options[];
extern const struct cardea_field no_fields[], list_fields[], configure_fields[], record_fields[],
	play_fields[], delete_fields[], seek_fields[], speed_fields[];
extern const struct cardea_code errors[];
