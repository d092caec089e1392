#include "vetset/image/system_library.h"

#include <dlfcn.h>

namespace vetset {

SystemLibrary::SystemLibrary(std::initializer_list<const char*> names) {
  for (const char* const name : names)
    if (handle_ == nullptr) handle_ = dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

void* SystemLibrary::symbol(const char* name) const { return handle_ == nullptr ? nullptr : dlsym(handle_, name); }

}  // namespace vetset
