#include "vetset/runtime/proto_walk.h"

namespace vetset {

void ProtoWalk::fail(const char* what) {
  if (failed_) return;
  failed_ = true;
  error_ = {Code::malformed, std::string(what) + ", at byte " + std::to_string(field_.offset)};
}

bool ProtoWalk::varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ >= text_.size()) {
      fail("the file ends inside a number");
      return false;
    }
    const auto byte = static_cast<std::uint8_t>(text_[at_++]);
    if (shift == 63 && byte > 1) break;
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  fail("expected a number of at most 64 bits: not protobuf");
  return false;
}

bool ProtoWalk::next() {
  if (failed_ || at_ >= text_.size()) return false;
  field_ = {.offset = offset()};
  std::uint64_t key = 0;
  if (!varint(key)) return false;
  field_.wire = static_cast<std::uint32_t>(key & 7U);
  field_.number = static_cast<std::uint32_t>(key >> 3U);
  if (key >> 3U == 0 || key >> 32U != 0) {
    fail("expected the number of a field: not protobuf");
    return false;
  }
  std::uint64_t size = 0;
  switch (field_.wire) {
    case 0: return varint(field_.whole);
    case 1: size = 8; break;
    case 5: size = 4; break;
    case 2:
      if (!varint(size)) return false;
      break;
    default: fail("expected a field of a known kind: not protobuf"); return false;
  }
  if (size > text_.size() - at_) {
    failed_ = true;
    error_ = {Code::malformed, "expected " + std::to_string(size) + " bytes, found " +
                                   std::to_string(text_.size() - at_) + ": the file is cut off or damaged, at byte " +
                                   std::to_string(field_.offset)};
    return false;
  }
  field_.bytes = text_.substr(at_, static_cast<std::size_t>(size));
  at_ += static_cast<std::size_t>(size);
  return true;
}

std::int64_t ProtoWalk::integer() {
  if (field_.wire != 0) fail("expected a whole number");
  return failed_ ? 0 : static_cast<std::int64_t>(field_.whole);
}

const ProtoField& ProtoWalk::message() {
  if (field_.wire != 2) {
    fail("expected bytes, found a number");
    field_.bytes = text_.substr(0, 0);
  }
  return field_;
}

void ProtoWalk::integers(const std::function<bool(std::int64_t)>& take) {
  if (field_.wire != 2) {
    take(integer());
    return;
  }
  ProtoWalk packed(field_.bytes, static_cast<std::ptrdiff_t>(
                                     begin_ + static_cast<std::uint64_t>(field_.bytes.data() - text_.data())));
  while (packed.at_ < packed.text_.size()) {
    std::uint64_t value = 0;
    packed.field_.offset = packed.offset();
    if (!packed.varint(value)) break;
    if (!take(static_cast<std::int64_t>(value))) break;
  }
  if (packed.failed_ && !failed_) {
    failed_ = true;
    error_ = packed.error_;
  }
}

}  // namespace vetset
