// The outcome of an operation that can fail: a value, or an Error that says why there is none.
// Reads like C++23's std::expected, which neither of our compilers has in C++20.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace vetset {

/// What the caller can do about an error. Details belong in the message, not in more codes.
enum class Code : std::uint8_t {
  usage,        // say it otherwise: a flag, a name, a pair that makes no sense
  not_found,    // name another input
  io,           // the system refused: look at the disk, the rights, the network
  malformed,    // the input breaks its own format
  limit,        // the input asks for more than a parser grants
  unsupported,  // well formed, but vetset does not do this
  refused,      // possible, but it would mislead: a decision is needed
  untrusted,    // a digest or a signature does not match
  cancelled,    // the user said stop
  defect,       // vetset itself is wrong: an undeclared loss
};

/// "not_found", as it appears in JSON and as `vetset.Error.code` in Python.
std::string_view name(Code);

/// Why an operation gave no value, and where in the input. Line and column count from 1; 0 is unknown.
struct Error {
  Code code = Code::defect;
  std::string message;  // lower case, no full stop: what was found, then what was expected
  std::string file = {};
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  /// Names the file an inner parser did not know about.
  Error in(std::string_view path) && {
    if (file.empty()) file = path;
    return std::move(*this);
  }
};

/// "labels/a.txt:3:9: class 7 is not one of the 5 in data.yaml"
std::string to_string(const Error&);

/// Ends the program after saying what broke. Called by VETSET_ASSERT, never by bad input.
[[noreturn]] void assertion_failed(const char* condition, const char* why, const char* file, int line);

}  // namespace vetset

/// States what holds and why. A failure is our own defect, so it stays on in release builds.
#define VETSET_ASSERT(condition, why) \
  (static_cast<bool>(condition) ? void() : ::vetset::assertion_failed(#condition, why, __FILE__, __LINE__))

namespace vetset {

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() & { return *checked(); }
  const T& operator*() const& { return *checked(); }
  T&& operator*() && { return std::move(*checked()); }
  T* operator->() { return checked(); }
  const T* operator->() const { return checked(); }
  const Error& error() const& {
    VETSET_ASSERT(!*this, "the caller has seen that there is no value");
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    VETSET_ASSERT(!*this, "the caller has seen that there is no value");
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  T* checked() {
    VETSET_ASSERT(*this, "the caller has seen that there is a value");
    return std::get_if<0>(&state_);
  }
  const T* checked() const { return const_cast<Result*>(this)->checked(); }

  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}

  explicit operator bool() const { return !error_; }
  const Error& error() const& {
    VETSET_ASSERT(error_, "the caller has seen that it failed");
    return *error_;
  }
  Error&& error() && {
    VETSET_ASSERT(error_, "the caller has seen that it failed");
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace vetset

#define VETSET_CONCAT_(a, b) a##b
#define VETSET_CONCAT(a, b) VETSET_CONCAT_(a, b)
#define VETSET_TRY_(tmp, declaration, expression) \
  auto tmp = (expression);                        \
  if (!tmp) return std::move(tmp).error();        \
  declaration = *std::move(tmp)

/// Unwraps a Result into `declaration`, or returns its error from the enclosing function.
#define VETSET_TRY(declaration, expression) \
  VETSET_TRY_(VETSET_CONCAT(vetset_try_, __COUNTER__), declaration, expression)

/// Runs an operation that gives no value, or returns its error from the enclosing function.
#define VETSET_DO(expression)                                                                 \
  do {                                                                                        \
    if (auto vetset_done = (expression); !vetset_done) return std::move(vetset_done).error(); \
  } while (false)
