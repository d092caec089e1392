// What was measured of images before, in one SQLite file: by the digest of a file's bytes, and by the place, size and
// times of the file that held them. A store only saves time: what comes out of it is what would be measured, and
// whatever is wrong with it is a note, never a failure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/hash128.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/facts.h"
#include "vetset/dataset/pixel_facts.h"

namespace vetset {

/// A file as the disk knows it. Whoever writes to a file changes one of these.
struct FileStamp {
  Hash128 place = {};  // of its absolute path, and of the member's path in an archive
  std::uint64_t bytes = 0, inode = 0;
  std::int64_t changed_ns = 0, modified_ns = 0;
  bool operator==(const FileStamp&) const = default;
};
/// The stamp of a tree's file; nothing where it lies on no disk, or was changed so lately that another change could
/// leave the same times.
std::optional<FileStamp> stamp_of(const Tree& tree, std::string_view path);

/// All that one scan says of one file.
struct Measured {
  Facts facts;
  PixelFacts pixels;
};
/// As bytes and back; nothing where they are not what `to_bytes` gives.
std::string to_bytes(const Measured& measured);
std::optional<Measured> measured_of(std::string_view bytes);

class FactsStore {
 public:
  /// Opens the store at `path`, or makes it. `recipe` says how facts are measured: those of another recipe are not
  /// found. `ours`: the path is vetset's own, so a broken file there is moved aside for a new one. A store that cannot
  /// be opened is empty and keeps nothing; `notes` says why.
  FactsStore(const std::string& path, std::string_view recipe, bool ours);
  ~FactsStore();
  FactsStore(const FactsStore&) = delete;
  FactsStore& operator=(const FactsStore&) = delete;

  /// $XDG_CACHE_HOME/vetset/facts-v1.sqlite, or that of ~/.cache; empty where there is no home.
  static std::string default_path();

  /// Several threads may ask at once.
  std::optional<Measured> find(const FileStamp& stamp);
  std::optional<Measured> find(const Digest& digest);

  struct Entry {
    std::optional<FileStamp> stamp = {};
    const Facts* facts = nullptr;  // with the digest
    const PixelFacts* pixels = nullptr;
    bool known = false;  // its facts are kept already: only the stamp is new
  };
  /// Keeps them in one transaction; one thread at a time.
  void keep(const std::vector<Entry>& entries);

  /// What a user may want to know: where it keeps nothing, and why.
  const std::vector<std::string>& notes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace vetset
