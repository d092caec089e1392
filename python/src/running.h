// How the module calls the library: without the interpreter's lock, on a thread of its own, so that Ctrl-C is heard and
// progress is told by the thread that called. What comes back is a value or a `vetset.Error`.
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "vetset/base/progress.h"
#include "vetset/base/result.h"

namespace vetset::python {

namespace nb = nanobind;

/// Text of the data as `str`; bytes that are not UTF-8 as os.fsdecode gives them.
nb::object text(std::string_view bytes);
/// The same, or None where it is empty.
nb::object text_or_none(std::string_view bytes);

/// A list of such texts.
nb::list texts(const auto& values) {
  nb::list made;
  for (const auto& value : values) made.append(text(value));
  return made;
}

/// A `vetset.Error` with what is known; raise it with `raise`.
nb::object error_object(const Error& error);
[[noreturn]] void raise(const nb::object& error);
[[noreturn]] void raise(const Error& error);

template <class T>
T value_or_raise(Result<T> result) {
  if (!result) raise(result.error());
  return *std::move(result);
}

/// Runs `work` to its end with the lock released. `progress` is None or takes (what, done, total). Where a signal
/// handler or `progress` raises, work is asked to stop, and what was raised is raised here once it has.
void run_released(const nb::object& progress, const std::function<void(const Progress&)>& work);

/// The same for an operation with an outcome: `operation(progress)` gives a Result.
template <class Operation>
auto run(const nb::object& progress, Operation&& operation) {
  std::optional<decltype(operation(std::declval<const Progress&>()))> outcome;
  run_released(progress, [&](const Progress& p) { outcome.emplace(operation(p)); });
  return value_or_raise(*std::move(outcome));
}

}  // namespace vetset::python
