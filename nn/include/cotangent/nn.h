/* SPDX-License-Identifier: MIT */
/* The nn room in one include. */
#ifndef COTANGENT_NN_H
#define COTANGENT_NN_H

#include <cotangent/data.h>
#include <cotangent/layers.h>
#include <cotangent/params.h>
#include <cotangent/train.h>

#endif
