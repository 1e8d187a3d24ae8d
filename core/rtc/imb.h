/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <config.h>

/** @file
 * libipsec-mb, loaded at run time: it is worth a lot, and needed by nobody. Any thread. */

/** Its name and version. NULL: not looked for yet, or not used. */
const char *imb_version(void);

#ifdef HAVE_INTEL_IPSEC_MB_H
#include <intel-ipsec-mb.h>
#include <stdbool.h>

/** Its functions for this processor; the state in there is nobody's. NULL: not on this machine, or
 * not worth it on this processor. */
const IMB_MGR *imb_functions(void);
/** The same without a look, for who was not told NULL before. */
extern const IMB_MGR *imb_found;
/** A manager with a state of its own, for jobs. @return owned by the caller. NULL: no memory, or
 * imb_has_jobs() is false. One thread at a time. */
IMB_MGR *imb_manager_new(void);
void imb_manager_free(IMB_MGR *m); /**< NULL is fine. */
/** Is the library of the version that we were compiled for? Jobs look different in every other. */
bool imb_has_jobs(void);
#endif
