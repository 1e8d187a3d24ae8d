/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <glib.h>
#include <cardea/transport.h>

/** @file
 * How many of something each address has; session.c and intake.c count by it. What is not known
 * counts for nobody. One thread, or under its user's lock. */
guint tally_hash(gconstpointer address); /**< of struct cardea_address, keyed */
GHashTable *tally_create(void);          /**< Ended by g_hash_table_destroy(). */
unsigned tally_of(GHashTable *t, const struct cardea_address *whose);
void tally_add(GHashTable *t, const struct cardea_address *whose, unsigned n);
/** @return false: it has @p most or more already, and gets none */
bool tally_add_below(GHashTable *t, const struct cardea_address *whose, unsigned n, unsigned most);
/** No more than were added. */
void tally_drop(GHashTable *t, const struct cardea_address *whose, unsigned n);
