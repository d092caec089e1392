// The façade: what the program and the Python module call. The only place where the verbs meet.
#pragma once

#include "vetset/vetset_datasets.h"
#include "vetset/vetset_packages.h"
