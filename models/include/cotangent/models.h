/* SPDX-License-Identifier: MIT */
/* The models room in one include. */
#ifndef COTANGENT_MODELS_H
#define COTANGENT_MODELS_H

#include <cotangent/classifier.h>
#include <cotangent/flow.h>
#include <cotangent/meanflow.h>

#endif
