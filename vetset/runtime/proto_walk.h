// Walks one protobuf message on the wire, without knowing its definition. For files of this room only.
// https://protobuf.dev/programming-guides/encoding; groups, which nothing here uses, are refused.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "vetset/base/result.h"

namespace vetset {

struct ProtoField {
  std::uint32_t number = 0;
  std::uint32_t wire = 0;       // 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes
  std::uint64_t offset = 0;     // of its key, from the beginning of the file
  std::uint64_t whole = 0;      // of a number
  std::string_view bytes = {};  // of wire type 2
};

/// After an error every call is harmless, and `error` says what and where.
class ProtoWalk {
 public:
  /// `begin`: where the message stands in its file.
  ProtoWalk(std::string_view message, std::ptrdiff_t begin)
      : text_(message), begin_(static_cast<std::uint64_t>(begin)) {}

  /// Reads the next field; false at the end of the message and after an error.
  bool next();
  const ProtoField& field() const { return field_; }
  /// The field as an integer; an error where it is none.
  std::int64_t integer();
  /// The field as bytes, text or a message; an error where it is a number.
  const ProtoField& message();
  /// The field as one integer, or many packed ones; stops where `take` says false.
  void integers(const std::function<bool(std::int64_t)>& take);
  void skip() {}

  std::uint64_t offset() const { return begin_ + at_; }
  bool failed() const { return failed_; }
  const Error& error() const { return error_; }

 private:
  bool varint(std::uint64_t& value);
  void fail(const char* what);

  std::string_view text_;
  std::uint64_t begin_;
  std::size_t at_ = 0;
  ProtoField field_;
  bool failed_ = false;
  Error error_;
};

}  // namespace vetset
