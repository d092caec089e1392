// What text tells of people without being asked: e-mail addresses, and user names in paths of home folders.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vetset {

struct PrivateText {
  enum class Kind : unsigned char { address, user_path };
  Kind kind = Kind::address;
  std::string text;  // "ana@example.org", "/home/ana"
};
/// In their order, each as often as it is there. Accounts of machines ("/home/runner", "/Users/Shared") are nobody's.
std::vector<PrivateText> private_texts(std::string_view text);

}  // namespace vetset
