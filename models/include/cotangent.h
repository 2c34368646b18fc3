/* SPDX-License-Identifier: MIT */
/* Cotangent: a tensor autodiff framework. One include for everything. */
#ifndef COTANGENT_H
#define COTANGENT_H

#include <cotangent/array.h>
#include <cotangent/digest.h>
#include <cotangent/error.h>
#include <cotangent/files.h>
#include <cotangent/float_mode.h>
#include <cotangent/gradcheck.h>
#include <cotangent/graph.h>
#include <cotangent/kernels.h>
#include <cotangent/machine.h>
#include <cotangent/models.h>
#include <cotangent/nn.h>
#include <cotangent/op.h>
#include <cotangent/ops.h>
#include <cotangent/program.h>
#include <cotangent/random.h>
#include <cotangent/shape.h>
#include <cotangent/team.h>
#include <cotangent/tensor.h>
#include <cotangent/transform.h>
#include <cotangent/version.h>

#endif
