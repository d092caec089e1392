#include "vetset/base/private_text.h"

#include <algorithm>
#include <iterator>

namespace vetset {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_local(char c) { return is_word(c) || c == '.' || c == '+' || c == '%'; }

/// Names that machines have.
bool is_nobody(std::string_view name) {
  constexpr std::string_view names[] = {"Default", "Public",   "Shared", "app",     "jovyan",   "node",
                                        "root",    "runner",   "ubuntu", "user",    "username", "vagrant",
                                        "you",     "yourname", "vscode", "ec2-user"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// The address around an '@'; empty where it is none.
std::string_view address_at(std::string_view text, std::size_t at) {
  std::size_t begin = at, end = at + 1;
  while (begin > 0 && is_local(text[begin - 1])) --begin;
  while (end < text.size() && (is_word(text[end]) || text[end] == '.')) ++end;
  while (end > at + 1 && text[end - 1] == '.') --end;
  while (begin < at && text[begin] == '.') ++begin;
  const std::string_view domain = text.substr(at + 1, end - at - 1);
  const std::size_t dot = domain.rfind('.');
  if (begin == at || dot == std::string_view::npos || dot == 0 || domain.size() - dot < 3) return {};
  const std::string_view top = domain.substr(dot + 1);
  const bool letters = std::all_of(top.begin(), top.end(), [](char c) { return is_word(c) && (c < '0' || c > '9'); });
  // "photo@2x.png" is a picture in two sizes.
  constexpr std::string_view files[] = {"png", "jpg", "jpeg", "webp", "gif", "bmp", "txt", "json", "xml", "yaml"};
  if (!letters || std::find(std::begin(files), std::end(files), top) != std::end(files)) return {};
  return text.substr(begin, end - begin);
}

/// The home folder that begins at `at`, whose name begins at `name`; empty where nobody lives there.
std::string_view home_at(std::string_view text, std::size_t at, std::size_t name) {
  std::size_t end = name;
  while (end < text.size() && (is_word(text[end]) || text[end] == '.')) ++end;
  const std::string_view user = text.substr(name, end - name);
  if (user.empty() || user.front() == '.' || is_nobody(user)) return {};
  return text.substr(at, end - at);
}

struct Found {
  std::size_t at;
  PrivateText what;
};

void find_homes(std::string_view text, std::string_view head, std::vector<Found>& found) {
  for (std::size_t at = 0; (at = text.find(head, at)) != std::string_view::npos; at += head.size()) {
    std::size_t begin = at;
    if (head.front() == '/' && at > 0 && is_word(text[at - 1])) continue;  // "data/home/kitchen" is no home folder
    std::size_t name = at + head.size();
    if (head.front() == '\\') {  // a drive stands before it; JSON writes each '\' twice
      if (at < 2 || text[at - 1] != ':') {
        if (at < 3 || text[at - 1] != '\\' || text[at - 2] != ':') continue;
        --begin;
      }
      begin -= 2;
      if (name < text.size() && text[name] == '\\') ++name;
    }
    if (const std::string_view home = home_at(text, begin, name); !home.empty())
      found.push_back({begin, {PrivateText::Kind::user_path, std::string(home)}});
  }
}

}  // namespace

std::vector<PrivateText> private_texts(std::string_view text) {
  std::vector<Found> found;
  for (std::size_t at = 0; (at = text.find('@', at)) != std::string_view::npos; ++at)
    if (const std::string_view address = address_at(text, at); !address.empty())
      found.push_back({at, {PrivateText::Kind::address, std::string(address)}});
  for (const std::string_view head : {"/home/", "/Users/", "\\Users\\", "\\Documents and Settings\\"})
    find_homes(text, head, found);
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.at < b.at; });
  std::vector<PrivateText> result;
  for (Found& one : found) result.push_back(std::move(one.what));
  return result;
}

}  // namespace vetset
