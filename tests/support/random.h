// The library's random numbers, under the name that tests know them by.
#pragma once

#include "vetset/base/random.h"
