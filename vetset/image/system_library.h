// A library that the system may have, opened at run time: nothing is linked or shipped. For files of this room only.
#pragma once

#include <initializer_list>
#include <string_view>

namespace vetset {

/// Stays open until the program ends; the decoders keep one each, in a function's static.
class SystemLibrary {
 public:
  /// Opens the first of the names that there is.
  explicit SystemLibrary(std::initializer_list<const char*> names);
  explicit operator bool() const { return handle_ != nullptr && !lacking_; }

  /// Takes a function; where the library has none of that name it counts as not there.
  template <class Function>
  void bind(Function*& function, const char* name) {
    bind_optional(function, name);
    lacking_ = lacking_ || function == nullptr;
  }
  template <class Function>
  void bind_optional(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(symbol(name));
  }

 private:
  void* symbol(const char* name) const;
  void* handle_ = nullptr;
  bool lacking_ = false;
};

}  // namespace vetset
