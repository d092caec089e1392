// Reading a manifest, and holding it to its rules. In one walk over its bytes: it may list a million files.
#include <algorithm>

#include "vetset/base/fold_case.h"
#include "vetset/base/json.h"
#include "vetset/base/unicode.h"
#include "vetset/package/manifest.h"
#include "vetset/package/path_rules.h"

namespace vetset {
namespace {

constexpr std::size_t manifest_limit = 256U << 20;  // bytes: a million files with long names
constexpr std::size_t file_limit = 1'000'000;
constexpr std::size_t parent_limit = 64;
constexpr std::uint32_t depth_limit = 32;
constexpr std::int64_t largest = 9'007'199'254'740'991;  // 2^53 - 1

ManifestProblem broken(std::string words, std::string where = {}) {
  return {"E_MANIFEST", std::move(where), std::move(words)};
}

bool is_nfc(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii || nfc(text) == text;
}

/// Two paths that one file system cannot hold both, or a file where another path needs a folder.
std::optional<ManifestProblem> collision(const std::vector<ManifestFile>& files) {
  std::vector<std::string_view> paths;
  for (const ManifestFile& f : files) paths.push_back(f.path);
  auto clash = first_path_clash(paths);
  if (!clash) return std::nullopt;
  return ManifestProblem{"E_PATH_COLLISION", std::string(clash->path), std::move(clash->words)};
}

/// Walks a manifest. The first problem is kept, and ends every loop.
class ManifestReader {
 public:
  ManifestReader(std::string_view bytes, Form form) : in_(bytes, depth_limit) { m_.form = form; }

  std::variant<Manifest, ManifestProblem> read() {
    if (in_.type() != JsonType::object) return broken("expected an object");
    for (in_.enter_object(); !problem_ && in_.next_member();) read_member(std::string(in_.key()));
    if (!problem_ && in_.failed()) problem_ = broken(in_.error_text());
    for (const std::string_view key :
         {"critical", "dataset", "dataset_id", "files", "labels_id", "layout", "name", "parents", "version", "vetset"})
      if (!problem_ && std::find(seen_.begin(), seen_.end(), key) == seen_.end())
        problem_ = broken("expected '" + std::string(key) + "', found none");
    if (!problem_) problem_ = collision(m_.files);
    if (problem_) return *std::move(problem_);
    return std::move(m_);
  }

 private:
  void read_member(const std::string& key) {
    seen_.push_back(key);
    if (key == "dataset") {
      m_.dataset = read_object(key);
    } else if (key == "dataset_id") {
      m_.dataset_id = read_id(key);
    } else if (key == "epoch") {
      m_.epoch = read_whole(key);
    } else if (key == "ext") {
      m_.ext = read_object(key);
      check_extensions();
    } else if (key == "files") {
      read_files();
    } else if (key == "labels_id") {
      m_.labels_id = read_id(key);
    } else if (key == "layout") {
      read_layout();
    } else if (key == "name") {
      m_.name = read_text(key);
      if (const auto why = name_problem(m_.name)) say(broken(*why));
    } else if (key == "parents") {
      read_parents();
    } else if (key == "rights") {
      m_.rights = read_object(key);
    } else if (key == "version") {
      m_.version = read_text(key);
      if (const auto why = version_problem(m_.version)) say(broken(*why));
    } else if (key == "vetset" || key == "critical") {
      in_.skip();  // what_it_needs has looked
    } else {
      m_.unknown.emplace_back(key, read_any());
    }
  }

  void read_files() {
    if (!expect(JsonType::array, "a list 'files'")) return;
    for (in_.enter_array(); !problem_ && in_.next_element();) {
      if (m_.files.size() == file_limit)
        return say({"E_MANIFEST_LIMIT", {}, "expected at most 1,000,000 files, found more"});
      read_file();
    }
  }

  void read_file() {
    if (!expect(JsonType::object, "an object in 'files'")) return;
    ManifestFile file;
    bool has_path = false, has_size = false, has_digest = false, has_role = false;
    for (in_.enter_object(); !problem_ && in_.next_member();) {
      const std::string_view key = in_.key();
      if (key == "path") {
        has_path = true;
        file.path = read_text("path");
      } else if (key == "size") {
        has_size = true;
        const std::int64_t size = read_whole("size");
        if (size < 0) return say(broken("expected a size in bytes", file.path));
        file.size = static_cast<std::uint64_t>(size);
      } else if (key == "sha256") {
        has_digest = true;
        const std::string text = read_text("sha256");
        const auto digest = parse_digest(text);
        if (!digest || text.size() != 64)
          return say(broken("expected 64 lowercase hexadecimal digits as sha256", file.path));
        file.digest = *digest;
      } else if (key == "role") {
        has_role = true;
        const std::string role = read_text("role");
        for (const Role r :
             {Role::media, Role::label, Role::table, Role::doc, Role::evidence, Role::croissant, Role::other})
          if (name(r) == role) file.role = r;
      } else {
        walk();
      }
    }
    if (problem_) return;
    if (!has_path || !has_size || !has_digest || !has_role)
      return say(broken("expected path, role, sha256 and size of each file", file.path));
    if (auto why = package_path_problem(file.path)) return say({"E_PATH", file.path, *std::move(why)});
    if (is_own_path(m_.form, fold_case(file.path)))
      return say({"E_PATH", file.path, "is a file of the seal itself, which lists what is sealed"});
    if (!m_.files.empty() && m_.files.back().path >= file.path)
      return say(broken("expected files sorted by path, each once", file.path));
    m_.files.push_back(std::move(file));
  }

  void read_layout() {
    if (!expect(JsonType::object, "an object 'layout'")) return;
    std::string form;
    m_.media.clear();  // what is left out is not taken for granted
    for (in_.enter_object(); !problem_ && in_.next_member();) {
      const std::string key(in_.key());
      if (key == "form")
        form = read_text(key);
      else if (key == "format")
        m_.format = read_text(key);
      else if (key == "media")
        m_.media = read_text(key);
      else if (key == "writer")
        read_writer();
      else
        walk();
    }
    if (!problem_ && form != name(m_.form))
      say(broken("expected the form '" + std::string(name(m_.form)) + "' here, found '" + form + "'"));
    if (!problem_ && m_.format.empty()) say(broken("expected the format of the labels in 'layout', found none"));
    if (!problem_ && m_.media != "files" && m_.media != "shards" && m_.media != "external")
      say(broken("expected media as files, shards or external, found '" + m_.media + "'"));
  }

  void read_writer() {
    if (!expect(JsonType::object, "an object 'writer'")) return;
    std::string by, version;
    for (in_.enter_object(); !problem_ && in_.next_member();) {
      const std::string key(in_.key());
      if (key == "name")
        by = read_text(key);
      else if (key == "version")
        version = read_text(key);
      else if (key == "parquet")
        m_.parquet = read_text(key);
      else
        walk();
    }
    m_.writer = by + " " + version;
  }

  void read_parents() {
    if (!expect(JsonType::array, "a list 'parents'")) return;
    for (in_.enter_array(); !problem_ && in_.next_element();) {
      if (m_.parents.size() == parent_limit) return say(broken("expected at most 64 parents, found more"));
      if (!expect(JsonType::object, "an object in 'parents'")) return;
      Parent parent{.role = {}};
      std::size_t ids = 0;
      for (in_.enter_object(); !problem_ && in_.next_member();) {
        const std::string key(in_.key());
        if (key == "dataset_id") {
          parent.dataset_id = read_id(key);
          ++ids;
        } else if (key == "package_id") {
          parent.package_id = read_id(key);
          ++ids;
        } else if (key == "role") {
          parent.role = read_text(key);
        } else {
          walk();
        }
      }
      if (problem_) return;
      if (ids != 2 ||
          (parent.role != "derived" && parent.role != "base" && parent.role != "ours" && parent.role != "theirs"))
        return say(broken("expected dataset_id, package_id and a role (derived, base, ours or theirs) of each parent"));
      m_.parents.push_back(std::move(parent));
    }
  }

  /// Extensions have dotted names, so that two issuers' do not meet.
  void check_extensions() {
    JsonCursor names(m_.ext, depth_limit);
    if (problem_) return;
    for (names.enter_object(); names.next_member(); names.skip())
      if (names.key().find('.') == std::string_view::npos || name_problem(names.key()))
        return say(broken("'" + std::string(names.key()) +
                          "' is no name of an extension: expected the issuer's domain in it, as in org.example.notes"));
  }

  bool expect(JsonType type, std::string_view what) {
    if (problem_ || in_.type() == type) return !problem_;
    say(broken("expected " + std::string(what)));
    return false;
  }
  std::string read_text(std::string_view key) {
    if (!expect(JsonType::string, "text as '" + std::string(key) + "'")) return {};
    std::string text(in_.read_string());
    return text;
  }
  std::int64_t read_whole(std::string_view key) {
    if (!expect(JsonType::number, "a whole number as '" + std::string(key) + "'")) return 0;
    return checked(in_.read_number());
  }
  Digest read_id(std::string_view key) {
    const std::string text = read_text(key);
    const auto digest = parse_digest(text);
    if (digest && text.starts_with("sha256:")) return *digest;
    say(broken("expected " + std::string(key) + " as sha256: and 64 lowercase hexadecimal digits"));
    return {};
  }
  std::string read_object(std::string_view key) {
    if (!expect(JsonType::object, "an object '" + std::string(key) + "'")) return {};
    return read_any();
  }
  std::string read_any() {
    const std::size_t begin = in_.offset();
    walk();
    return std::string(in_.text().substr(begin, in_.offset() - begin));
  }

  std::int64_t checked(const NumberText& n) {
    if (n.integer && n.fits_int64 && n.whole <= largest && n.whole >= -largest) return n.whole;
    say(broken("expected whole numbers within 2^53 - 1"));
    return 0;
  }
  /// Steps over one value of any kind, which no rule of version 1 speaks of but those for all.
  void walk() {
    switch (in_.type()) {
      case JsonType::number: checked(in_.read_number()); break;
      case JsonType::string:
        if (!is_nfc(in_.read_string())) say(broken("expected text in normal form C"));
        break;
      case JsonType::object:
        for (in_.enter_object(); !problem_ && in_.next_member();) walk();
        break;
      case JsonType::array:
        for (in_.enter_array(); !problem_ && in_.next_element();) walk();
        break;
      case JsonType::boolean:
      case JsonType::null: in_.skip(); break;
    }
    if (in_.failed()) say(broken(in_.error_text()));
  }
  void say(ManifestProblem problem) {
    if (!problem_) problem_ = std::move(problem);
  }

  JsonCursor in_;
  Manifest m_;
  std::vector<std::string> seen_;
  std::optional<ManifestProblem> problem_;
};

/// The format's version and the extensions that a reader must know: looked at before anything else is believed.
std::optional<ManifestProblem> what_it_needs(std::string_view bytes) {
  JsonCursor in(bytes, depth_limit);
  if (in.type() != JsonType::object) return broken("expected an object");
  std::string version = "none";
  std::optional<std::string> extension;
  bool listed = false;
  for (in.enter_object(); in.next_member();) {
    if (in.key() == "vetset" && in.type() == JsonType::string) {
      version = in.read_string();
    } else if (in.key() == "critical" && in.type() == JsonType::array) {
      listed = true;
      for (in.enter_array(); in.next_element();) {
        const std::string_view name = in.type() == JsonType::string ? in.read_string() : in.skip();
        if (!extension) extension = name;
      }
    } else {
      in.skip();
    }
  }
  if (in.failed()) return broken(in.error_text());
  if (version != "1") return ManifestProblem{"E_VERSION", {}, "expected version 1, found '" + version + "'"};
  if (!listed) return broken("expected a list 'critical'");
  if (!extension) return std::nullopt;
  return ManifestProblem{"E_CRITICAL", {}, "needs an extension that this vetset does not know: '" + *extension + "'"};
}

}  // namespace

std::variant<Manifest, ManifestProblem> parse_manifest(std::string_view bytes, Form form) {
  if (bytes.size() > manifest_limit)
    return ManifestProblem{
        "E_MANIFEST_LIMIT", {}, "expected at most 256 MiB, found " + std::to_string(bytes.size()) + " bytes"};
  JsonCursor whole(bytes, depth_limit);
  whole.skip();
  if (whole.failed() || !whole.at_end())
    return broken(whole.failed() ? whole.error_text() : "expected the end after the object");
  const auto canonical = canonical_json(bytes);
  if (!canonical || *canonical != bytes)
    return ManifestProblem{
        "E_NOT_CANONICAL", {}, "is not its own canonical form (RFC 8785): it was edited or written by another tool"};
  if (auto problem = what_it_needs(bytes)) return *std::move(problem);
  return ManifestReader(bytes, form).read();
}

}  // namespace vetset
