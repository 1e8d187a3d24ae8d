/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "report.h"

/** @file
 * The commands, each in a file of its own. Files are those of @p o. */
enum status command_info(const struct options *o);
enum status command_check(const struct options *o);
enum status command_compose(const struct options *o);
enum status command_convert(const struct options *o);
enum status command_repair(const struct options *o);
