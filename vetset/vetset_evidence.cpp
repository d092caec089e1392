#include "vetset/vetset_evidence.h"

#include <sys/stat.h>

#include "vetset/formats/voc/labelmap.h"
#include "vetset/image/probe.h"
#include "vetset/scan/mask_colours.h"
#include "vetset/split/lock.h"
#include "vetset/vetset_linked.h"

namespace vetset {
namespace {

constexpr const char* lock_name = "split.lock";

bool is_file(const std::string& path) {
  struct stat seen{};
  return stat(path.c_str(), &seen) == 0 && S_ISREG(seen.st_mode);
}

Result<Bytes> read_file(const std::string& path) {
  VETSET_TRY(const std::unique_ptr<Tree> tree, open_file(path));
  return tree->read(tree->list().front());
}

/// The first file of a proof that is not in the dataset as the proof has it; empty where all are.
std::string other_file(const Proof& proof, const Tree& tree) {
  for (const FileDigest& file : proof.target_files) {
    if (!tree.contains(file.path)) return file.path;
    const auto size = tree.size(file.path);
    if (!size || *size != file.bytes) return file.path;
    const auto bytes = tree.read(file.path);
    if (!bytes || sha256(*bytes) != file.digest) return file.path;
  }
  return {};
}

Result<std::optional<ReadProof>> proof_of(const Source& source, const CheckOptions& options) {
  const bool named = !options.proof.empty();
  const std::string path = named ? options.proof : std::string(source.tree->name()) + ".proof.json";
  const bool edited = !source.steps.empty();  // then what lies there speaks of what it was
  if (!named && (edited || !source.only.empty() || !is_file(path))) return std::optional<ReadProof>();
  VETSET_TRY(const Bytes text, read_file(path));
  auto proof = ReadProof::parse(text, path, options.common.limits);
  if (!proof) {
    if (!named) return std::optional<ReadProof>();  // something else of that name
    return proof.error();
  }
  if (const std::string other = other_file(proof->proof(), *source.tree); !other.empty()) {
    if (!named) return std::optional<ReadProof>();
    return Error{Code::usage, "speaks of another dataset: '" + other + "' is not here as it says", path};
  }
  return std::optional<ReadProof>(*std::move(proof));
}

/// Named, in the dataset, or beside it; empty: nowhere.
std::string lock_path(const Source& source, const CheckOptions& options) {
  if (!options.lock.empty()) return options.lock;
  if (!source.only.empty()) return {};
  const std::string beside = std::string(source.tree->name()) + "." + lock_name;
  return is_file(beside) ? beside : std::string();
}

struct ReadLock {
  SplitLock lock;
  std::string name;  // what messages call it
};
Result<std::optional<ReadLock>> lock_of(const Source& source, const CheckOptions& options) {
  const std::string path = lock_path(source, options);
  if (options.lock.empty() && !source.steps.empty()) return std::optional<ReadLock>();
  const bool inside = options.lock.empty() && source.tree->contains(lock_name);
  if (path.empty() && !inside) return std::optional<ReadLock>();
  const std::string name = inside ? lock_name : path;
  VETSET_TRY(const Bytes text, inside ? source.tree->read(lock_name) : read_file(path));
  VETSET_TRY(SplitLock lock, parse_lock(text, name, options.common.limits));
  return std::optional<ReadLock>(ReadLock{std::move(lock), std::string(base_name(name))});
}

/// By the keys that the settings name, else by those that the lock was made with: of a table that one knows its name
/// only, so those are left out.
Result<std::optional<Groups>> groups_of(const Source& source, const std::optional<ReadLock>& lock,
                                        const CheckOptions& options) {
  const bool asked = !options.settings.group_by.empty();
  std::vector<std::string> keys;
  for (const std::string& text : asked || !lock ? options.settings.group_by : lock->lock.group_by)
    if (asked || !text.starts_with("file:")) keys.push_back(text);
  VETSET_TRY(Groups groups, groups_called(source.dataset, keys, options.common.limits));
  if (groups.keys.empty()) return std::optional<Groups>();
  return std::optional<Groups>(std::move(groups));
}

/// The list of classes beside masks, where it gives them colours.
std::shared_ptr<const MaskClasses> mask_classes(const Dataset& d) {
  for (const File& file : d.files) {
    if (base_name(d.text(file.path)) != "labelmap.txt") continue;
    voc_parts::LabelMap map = voc_parts::parse_labelmap(d.text(file.bytes));
    if (map.colours.empty()) return {};
    return std::make_shared<const MaskClasses>(MaskClasses{.list = std::string(d.text(file.path)),
                                                           .count = static_cast<std::uint32_t>(map.names.size()),
                                                           .colours = std::move(map.colours)});
  }
  return {};
}

void look_at_masks(std::vector<MaskFile>& masks, const Source& source, const CheckOptions& options) {
  const std::shared_ptr<const MaskClasses> classes = masks.empty() ? nullptr : mask_classes(source.dataset);
  const Pool pool(options.common.threads);
  pool.for_each(masks.size(), [&](std::size_t k) {
    MaskFile& mask = masks[k];
    mask.facts = probe_image(source.media(), mask.path, {.tail = false});
    mask.classes = classes;
    if (!options.pixels || mask.facts.width == 0 || mask.facts.type == ImageType::jpeg) return;
    if (const auto bytes = source.media().read(mask.path)) mask.colours = mask_colours(*bytes);
  });
}

}  // namespace

Result<Background> read_background(const Source& source, const CheckOptions& options) {
  Background background;
  VETSET_TRY(background.proof, proof_of(source, options));
  VETSET_TRY(const std::optional<ReadLock> lock, lock_of(source, options));
  if (lock) {
    background.previous = vetset::previous_of(lock->lock);
    background.previous->name = lock->name;
  }
  if (!options.previous.empty()) {
    OpenOptions opening;
    opening.common = options.common;
    VETSET_TRY(background.earlier, open(options.previous, opening));
    std::string_view name = options.previous;
    while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
    background.earlier_name = base_name(name);
  }
  VETSET_TRY(background.groups, groups_of(source, lock, options));
  if (options.images) {
    background.masks = mask_files(source.dataset);
    look_at_masks(background.masks, source, options);
  }
  return background;
}

void Background::show(Evidence& evidence) const {
  if (proof) evidence.proof = &proof->proof();
  if (previous) evidence.previous = &*previous;
  if (groups) evidence.groups = &*groups;
  if (earlier) {
    evidence.earlier = &earlier->dataset;
    evidence.earlier_name = earlier_name;
  }
  evidence.masks = masks;
}

}  // namespace vetset
