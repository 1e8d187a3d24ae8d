/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "../../core/base/id.h"
#include "../fuzz/mutate.h"
#include "router_world.h"

/** @file
 * Two workers of router_world.h, and what crosses between them. */
/* A turn to speak, one to answer. */
void carry(void);
void give_one(unsigned n, bool key);
unsigned outs_of(uint32_t slot);
void watch(uint32_t slot);
void use_three_layers(void);
/** The video of peer 0 goes to peer 1: this layer at most, counted from 1. */
void watch_layers(uint8_t max_layer);
void give_layer(unsigned layer, unsigned n, bool key);
void give_layers(unsigned *n, bool key);
/** Peer 0 and 3 are on one worker, 1 and 2 on the other. */
int trunk_setup(void **state);
