/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <jansson.h>
#include <cardea/log.h>

/** @file
 * JSON is jansson (its major version is part of the ABI). Requests and configuration are declared
 * as tables of fields; one validator walks them, words the error and supplies the defaults. */

/** An error as the API shows it. */
struct cardea_error {
	int code;
	char reason[256]; /**< UTF-8: written by cardea_fail() alone */
};
/** Fill in an error. The reason may quote what a client has sent, and is cut between characters.
 *  @return false, so that a handler can say `return cardea_fail(e, 426, "No such room (%s)",
 *  id);` */
CARDEA_API bool cardea_fail(struct cardea_error *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define CARDEA_ID_BYTES 256 /**< at most, of an id that is a string */

/** What a field may hold; in quotes, what errors call it. */
enum cardea_type {
	CARDEA_BOOL = 1, /**< "boolean" */
	CARDEA_INT,      /**< "integer": any 64-bit integer within min…max */
	CARDEA_UINT,     /**< "positive integer": 0 and up, at most max (0: no bound) */
	CARDEA_STR,      /**< "string", of at most max bytes (0: no bound) */
	/** "object", its fields in `of` (NULL: any); in a request of at most max bytes when printed
	 *  (0: no bound) */
	CARDEA_OBJ,
	/** "array", of objects with the fields `of` (NULL: anything); in a request of at most max
	 *  elements (0: no bound) */
	CARDEA_ARR,
	CARDEA_STRS, /**< "array" of strings, each of at most max bytes (0: no bound) */
	/** positive integer; where the table's user has string ids, a string of at most
	 *  CARDEA_ID_BYTES */
	CARDEA_ID,
	/** any JSON value, null too: what it may be is checked by who reads it, and `of` only
	 *  describes it */
	CARDEA_ANY,
};

/** What the text of an option stands for. It is looked for before a start, and by --check; empty
 *  text stands for nothing. The options cert_pem, cert_key, cert_pwd and ciphers of a section are
 *  known by their names: a certificate and its key, read and compared. */
enum cardea_names {
	CARDEA_NAMES_NOTHING,
	/** an address of this machine, or an interface of it; 0.0.0.0 and :: are all of a family */
	CARDEA_NAMES_ADDRESS,
	CARDEA_NAMES_FOLDER,   /**< a folder that can be read */
	CARDEA_NAMES_PREFIXES, /**< beginnings of addresses, "127.,192.168.0." */
	CARDEA_NAMES_HOSTS,    /**< host names without a port, comma separated */
	CARDEA_NAMES_ORIGINS,  /**< origins, "https://a.example, https://b.example", or "*" */
	CARDEA_NAMES_PATH,     /**< where something is served: "/name" */
};

/** One field of a request, of an object in one, or of a section of a configuration file. Unset
 *  members are 0. */
struct cardea_field {
	const char *name; /**< NULL ends the table */
	enum cardea_type type;
	bool required, nonempty; /**< nonempty: an empty array counts as the wrong type */
	bool secret;             /**< never shown in a log or a reference page */
	/** inclusive; both 0: no bound (CARDEA_UINT: min is 0 in any case). Of texts, max counts
	 *  bytes of UTF-8: bound whatever is kept or told to others */
	int64_t min, max;
	int64_t dflt;         /**< value when absent (bool: 0 or 1) */
	const char *dflt_str; /**< the same for strings */
	const char *one_of;   /**< strings: "a|b|c", NULL: any */
	const struct cardea_field *of;
	const char *note; /**< for the reference documentation */
	/** options: begins a group of them in the configuration file, with this heading */
	const char *group;
	/** options: known, but without effect, and why; who sets it is warned */
	const char *idle;
	enum cardea_names names; /**< options: what on this machine it names */
};

/** Codes and rules of a table's user: each API has its own numbers for the same mistakes. */
struct cardea_codes {
	int missing;     /**< "Missing mandatory element (x)" */
	int invalid;     /**< "Invalid element type (x should be a boolean)" */
	bool string_ids; /**< CARDEA_ID is a string */
};
/** An error code in words, for the reference documentation. A NULL note ends the table. */
struct cardea_code {
	int code;
	const char *note;
};

/** Check @p obj (an object) against @p fields. Unknown members are ignored; null is a wrong type.
 *  @return false with @p e filled at the first mistake, in the order of the table. */
CARDEA_API bool cardea_check(const json_t *obj, const struct cardea_field *fields,
	const struct cardea_codes *codes, struct cardea_error *e);

/** A checked object with the table it was checked against: the getters below give the table's
 *  default for what is absent, and assert that the name stands in the table. */
struct cardea_args {
	const json_t *obj;
	const struct cardea_field *fields;
};
/** Is it there? */
CARDEA_API bool cardea_given(const struct cardea_args *a, const char *name);
/** Of a CARDEA_BOOL. */
CARDEA_API bool cardea_bool(const struct cardea_args *a, const char *name);
/** Of a CARDEA_INT or CARDEA_UINT. */
CARDEA_API int64_t cardea_int(const struct cardea_args *a, const char *name);
/** borrowed; may be NULL */
CARDEA_API const char *cardea_str(const struct cardea_args *a, const char *name);
/** borrowed; may be NULL */
CARDEA_API const json_t *cardea_json(const struct cardea_args *a, const char *name);

/** A new JSON string of a text that was not read from JSON, or was cut since: what of it is no
 *  UTF-8, which json_string() and json_pack() refuse, is left out or becomes '?'. NULL is "". */
CARDEA_API json_t *cardea_json_text(const char *s);
/** The style of texts that a word names, in any case: "compact" 0, "plain" 1, "indented" 2; another
 *  or NULL: -1. */
CARDEA_API int cardea_style(const char *word);
/** Compare in constant time (secrets, tokens, pins). NULL never equals. */
CARDEA_API bool cardea_same_secret(const char *a, const char *b);
