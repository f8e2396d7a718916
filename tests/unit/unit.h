/* SPDX-License-Identifier: Apache-2.0 */
/* cmocka's header wants these before it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/array.h"

#define UNIT(f) cmocka_unit_test(f)
