// A package for those who read it sample by sample: trainers, loaders, notebooks. Opening it reads the manifest and
// the footers of tables; everything else is read when it is asked for, and kept where it is small. Whether the package
// is what was signed is for verify.h to say; what is read here is held to the digests that stand beside it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vetset/base/digest.h"
#include "vetset/base/limits.h"
#include "vetset/base/parquet.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/row_groups.h"
#include "vetset/base/tree.h"
#include "vetset/package/attestation.h"
#include "vetset/package/manifest.h"

namespace vetset {

/// One image and what the table of samples says of it. docs/package-format.md has the columns.
struct PackedSample {
  std::uint64_t row = 0;  // in the table
  std::string key, path;  // its sample_id, and its path as the source names it
  std::vector<std::string> splits = {};
  std::string state = {};               // "labelled" …; empty: not said
  std::uint32_t width = 0, height = 0;  // pixels; 0: not known
  std::string media = {};               // its image, as `tar` would call it in a shard; empty: the package has none
  std::string shard = {};               // the tar that the image is a member of; empty: a file of its own
  std::uint64_t offset = 0;             // of the image's bytes in the shard
  std::uint64_t size = 0;               // of the image in bytes, where `digest` is known
  std::optional<Digest> digest = {};    // of the image's bytes; none: it was not at hand
};

struct PackageOptions {
  bool verify = true;           // hold every image to its digest as it is read
  std::string images_dir = {};  // where images are that are not in the package, by their paths; empty: nowhere
  std::uint64_t cached = std::uint64_t{1} << 30;  // bytes of annotations that are kept, about
  unsigned threads = 1;                           // that read the labels of a sealed folder; 0: what the machine has
  Limits limits = {};
};

/// Many threads may use one at once, but for its making.
class Package {
 public:
  /// A sealed folder, the folder of a package, or a package in one file. An error says with a code of
  /// docs/package-format.md why it is none.
  static Result<std::unique_ptr<Package>> open(const std::string& path, const PackageOptions& options = {});
  ~Package();
  Package(const Package&) = delete;
  Package& operator=(const Package&) = delete;

  const Manifest& manifest() const;
  std::string_view manifest_json() const;
  Digest id() const;

  /// The tables, in the order of docs/package-format.md. Those of a sealed folder that has none are made of its
  /// labels, which are read when this is asked for.
  Result<std::vector<std::string>> tables() const;
  /// Lives as long as the package; its streams live longer.
  Result<const RowGroups*> table(std::string_view name) const;

  /// How many samples there are.
  Result<std::uint64_t> samples() const;
  Result<PackedSample> sample(std::uint64_t row) const;
  /// The row of the sample with that key, or the first with that path.
  Result<std::optional<std::uint64_t>> find_key(std::string_view key) const;
  Result<std::optional<std::uint64_t>> find_path(std::string_view path) const;
  /// The rows of samples that are in a split, ascending.
  Result<std::vector<std::uint64_t>> of_split(std::string_view split) const;
  /// The image file of a sample. E_MEDIA_DIGEST where its bytes are not those that the table states.
  Result<Bytes> bytes(const PackedSample& sample) const;
  /// The rows of the table of annotations that are this sample's, without the columns in which none has a value.
  Result<Table> annotations(std::string_view key) const;

  /// A listed file, held to its digest.
  Result<Bytes> file(std::string_view path) const;
  /// What was said about it; no signature is checked.
  Result<std::vector<Attestation>> evidence() const;

 private:
  struct State;
  explicit Package(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace vetset
