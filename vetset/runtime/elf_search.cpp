#include "vetset/runtime/elf_search.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>

namespace vetset {
namespace {

constexpr std::string_view old_mark = "ld.so-1.7.0", new_mark = "glibc-ld.so.cache1.1";
constexpr std::size_t old_head = 16, old_entry = 12, new_head = 48, new_entry = 24;
constexpr std::size_t most_libraries = 200'000, most_objects = 4096;

std::uint32_t word(std::string_view bytes, std::size_t at) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

ElfMachine machine_of(std::uint32_t flags) {
  if ((flags & 0xffU) != 3) return ElfMachine::other;  // not for glibc
  if ((flags & 0xff00U) == 0x0300) return ElfMachine::x86_64;
  if ((flags & 0xff00U) == 0x0a00) return ElfMachine::aarch64;
  return ElfMachine::other;
}

/// $ORIGIN and ${ORIGIN} by the object's folder; $LIB and $PLATFORM, which hardly anyone uses, by the usual ones.
std::string expanded(std::string_view path, const std::string& origin, ElfMachine machine) {
  const std::array<std::pair<std::string_view, std::string>, 3> words{
      {{"ORIGIN", origin}, {"LIB", "lib64"}, {"PLATFORM", machine == ElfMachine::aarch64 ? "aarch64" : "x86_64"}}};
  std::string out;
  for (std::size_t i = 0; i < path.size();) {
    bool took = false;
    for (const auto& [word, value] : words) {
      const std::string plain = "$" + std::string(word), braced = "${" + std::string(word) + "}";
      for (const std::string& form : {braced, plain})
        if (!took && path.substr(i, form.size()) == form) {
          out += value;
          i += form.size();
          took = true;
        }
    }
    if (!took) out += path[i++];
  }
  return out;
}

}  // namespace

std::string_view name(FoundLibrary::By by) {
  constexpr std::array names{"its own path", "RPATH",       "LD_LIBRARY_PATH",
                             "RUNPATH",      "ld.so.cache", "the system's folders"};
  return names[static_cast<std::size_t>(by)];
}

Result<std::vector<CachedLibrary>> read_ld_cache(std::string_view bytes) {
  std::size_t begin = 0;
  if (bytes.starts_with(old_mark)) {
    if (bytes.size() < old_head) return Error{Code::malformed, "is cut off inside its head"};
    begin = old_head + std::size_t{word(bytes, 12)} * old_entry;
    begin = (begin + 7) & ~std::size_t{7};
  }
  if (begin > bytes.size() || !bytes.substr(begin).starts_with(new_mark))
    return Error{Code::malformed, "expected 'glibc-ld.so.cache1.1' at its beginning"};
  bytes.remove_prefix(begin);
  if (bytes.size() < new_head) return Error{Code::malformed, "is cut off inside its head"};
  const std::size_t count = word(bytes, 20);
  if (count > most_libraries) return Error{Code::limit, "lists more than 200,000 libraries"};
  if (bytes.size() < new_head + count * new_entry) return Error{Code::malformed, "is cut off inside its list"};
  const auto text = [&](std::size_t at) -> std::string {
    if (at >= bytes.size()) return {};
    const std::string_view rest = bytes.substr(at, 4096);
    return std::string(rest.substr(0, rest.find('\0')));
  };
  std::vector<CachedLibrary> all;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = new_head + i * new_entry;
    all.push_back({text(word(bytes, at + 4)), text(word(bytes, at + 8)), machine_of(word(bytes, at))});
  }
  return all;
}

LibrarySearch::LibrarySearch(const RootFiles& files, std::vector<std::string> library_path)
    : files_(files), library_path_(std::move(library_path)) {
  for (const char* folder : {"/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu",
                             "/usr/lib/aarch64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"})
    if (files_.is_folder(folder)) system_.emplace_back(folder);
  if (!files_.is_file("/etc/ld.so.cache")) return;
  const auto bytes = files_.read("/etc/ld.so.cache");
  auto cache = bytes ? read_ld_cache(bytes->text()) : Result<std::vector<CachedLibrary>>(bytes.error());
  if (cache)
    cache_ = *std::move(cache);
  else
    cache_problem_ = cache.error().message;
}

const ElfFile* LibrarySearch::elf(const std::string& path) const {
  const std::string real = files_.real(path).value_or(path);
  const auto known = read_.find(real);
  if (known != read_.end()) return known->second.get();
  std::unique_ptr<ElfFile> made;
  if (files_.is_file(real))
    if (const auto bytes = files_.read(real))
      if (auto read = read_elf(bytes->text())) made = std::make_unique<ElfFile>(*std::move(read));
  return read_.emplace(real, std::move(made)).first->second.get();
}

bool LibrarySearch::fits(const std::string& path, ElfMachine machine) const {
  const ElfFile* found = elf(path);
  return found != nullptr && (machine == ElfMachine::other || found->machine == machine);
}

std::optional<FoundLibrary> LibrarySearch::in(const std::vector<std::string>& folders, const std::string& name,
                                              ElfMachine machine, const std::string& origin,
                                              FoundLibrary::By by) const {
  for (const std::string& folder : folders) {
    const std::string path = expanded(folder, origin, machine) + '/' + name;
    if (fits(path, machine)) return FoundLibrary{files_.real(path).value_or(path), by};
  }
  return std::nullopt;
}

std::optional<FoundLibrary> LibrarySearch::find(const std::string& name, const std::string& object,
                                                const std::vector<std::string>& rpaths) const {
  using By = FoundLibrary::By;
  const ElfFile* by = elf(object);
  const ElfMachine machine = by != nullptr ? by->machine : ElfMachine::other;
  const std::string origin(folder_of(files_.real(object).value_or(object)));
  if (name.find('/') != std::string::npos) {
    if (fits(name, machine)) return FoundLibrary{files_.real(name).value_or(name), By::path};
    return std::nullopt;
  }
  if (by != nullptr && by->runpath.empty()) {
    if (auto found = in(by->rpath, name, machine, origin, By::rpath)) return found;
    if (auto found = in(rpaths, name, machine, origin, By::rpath)) return found;
  }
  if (auto found = in(library_path_, name, machine, origin, By::environment)) return found;
  if (by != nullptr)
    if (auto found = in(by->runpath, name, machine, origin, By::runpath)) return found;
  for (const CachedLibrary& c : cache_)
    if (c.name == name && (machine == ElfMachine::other || c.machine == machine) && fits(c.path, machine))
      return FoundLibrary{files_.real(c.path).value_or(c.path), By::cache};
  return in(system_, name, machine, origin, By::system);
}

std::vector<NeededLibrary> LibrarySearch::closure(const std::string& object) const {
  struct Open {
    std::string path;
    std::vector<std::string> rpaths;  // of those that brought it in, already expanded
  };
  std::vector<NeededLibrary> all;
  std::set<std::string, std::less<>> seen;
  std::deque<Open> open{{object, {}}};
  for (; !open.empty() && all.size() < most_objects; open.pop_front()) {
    const Open& one = open.front();
    const ElfFile* file = elf(one.path);
    if (file == nullptr) continue;
    std::vector<std::string> rpaths;
    if (file->runpath.empty()) {
      const std::string origin(folder_of(files_.real(one.path).value_or(one.path)));
      for (const std::string& r : file->rpath) rpaths.push_back(expanded(r, origin, file->machine));
    }
    rpaths.insert(rpaths.end(), one.rpaths.begin(), one.rpaths.end());
    for (const std::string& name : file->needed) {
      if (!seen.insert(name).second) continue;
      NeededLibrary needed{name, one.path, find(name, one.path, one.rpaths)};
      if (needed.found) open.push_back({needed.found->path, rpaths});
      all.push_back(std::move(needed));
    }
  }
  return all;
}

std::vector<std::string> LibrarySearch::like(std::string_view prefix) const {
  std::vector<std::string> all;
  const auto add = [&](const std::string& folder) {
    for (const std::string& one : files_.names(folder))
      if (one.starts_with(prefix)) all.push_back(folder + '/' + one);
  };
  for (const std::string& folder : library_path_) add(folder);
  for (const CachedLibrary& c : cache_)
    if (std::string_view(c.name).starts_with(prefix)) all.push_back(c.path);
  for (const std::string& folder : system_) add(folder);
  return all;
}

}  // namespace vetset
