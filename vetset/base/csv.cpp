#include "vetset/base/csv.h"

namespace vetset {

CsvReader::CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {
  if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
}

bool CsvReader::next(std::vector<std::string>& fields) {
  fields.clear();
  for (; at_ < text_.size() && (text_[at_] == '\n' || text_[at_] == '\r'); ++at_)
    if (text_[at_] == '\n') ++next_line_;
  if (at_ == text_.size()) return false;
  offset_ = at_;
  line_ = next_line_;
  broken_ = false;
  for (;;) {
    fields.push_back(field());
    if (at_ == text_.size()) return true;
    const char end = text_[at_++];
    if (end == separator_) {
      if (at_ < text_.size()) continue;
      fields.emplace_back();  // a separator at the very end
      return true;
    }
    if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
    ++next_line_;
    return true;
  }
}

/// One field; stops at the separator or the end of the line.
std::string CsvReader::field() {
  std::string out;
  const auto ends = [&] {
    return at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == separator_;
  };
  if (at_ < text_.size() && text_[at_] == '"') {
    ++at_;
    for (;; ++at_) {
      if (at_ == text_.size()) {
        broken_ = true;
        return out;
      }
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        ++at_;
      }
      if (text_[at_] == '\n') ++next_line_;
      out += text_[at_];
    }
    ++at_;
  }
  for (; !ends(); ++at_) out += text_[at_];
  return out;
}

}  // namespace vetset
