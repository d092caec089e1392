#include "vetset/package/litter.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "vetset/package/manifest.h"

namespace vetset {
namespace {

/// Where a name must stand for the maker to be known by it.
enum class Place : std::uint8_t {
  top,         // a folder of the root: "wandb/…"
  folder,      // a folder anywhere: "…/__pycache__/…"
  file,        // a file's whole name
  begins,      // a file's name begins so
  ends,        // a file's name ends so, with something before it
  beside,      // as `ends`, beside an image of the same stem
  below_runs,  // a folder in the root's `runs/`, with or without a number behind it: "runs/train3/…"
};

struct Pattern {
  std::string_view part, maker;
  Place place;
};

constexpr Pattern patterns[] = {
    // Label caches and the decoded images of cache="disk"; results where the dataset's folder was the working folder.
    {".cache", "Ultralytics", Place::ends},
    {".cache.npy", "Ultralytics", Place::ends},
    {".npy", "Ultralytics", Place::beside},
    {"detect", "Ultralytics", Place::below_runs},
    {"segment", "Ultralytics", Place::below_runs},
    {"classify", "Ultralytics", Place::below_runs},
    {"pose", "Ultralytics", Place::below_runs},
    {"obb", "Ultralytics", Place::below_runs},
    {"train", "Ultralytics", Place::below_runs},
    {"val", "Ultralytics", Place::below_runs},
    {"exp", "Ultralytics", Place::below_runs},
    {"mlflow", "Ultralytics", Place::below_runs},
    {"YOLOX_outputs", "YOLOX", Place::top},
    {"work_dirs", "MMDetection", Place::top},
    {"lightning_logs", "PyTorch Lightning", Place::top},
    {"wandb", "Weights & Biases", Place::top},
    {"mlruns", "MLflow", Place::top},
    {"mlartifacts", "MLflow", Place::top},
    {".aim", "Aim", Place::top},
    {".neptune", "Neptune", Place::top},
    {".cometml-runs", "Comet", Place::top},
    {"events.out.tfevents.", "TensorBoard", Place::begins},
    {".cache", "a downloader", Place::top},  // Hugging Face keeps what it knows of a local folder there
    {".ipynb_checkpoints", "Jupyter", Place::folder},
    {"__pycache__", "Python", Place::folder},
    {".DS_Store", "macOS", Place::file},
    {"._", "macOS", Place::begins},
    {"__MACOSX", "macOS", Place::folder},
    {".Spotlight-V100", "macOS", Place::top},
    {".fseventsd", "macOS", Place::top},
    {".Trashes", "macOS", Place::top},
    {"Thumbs.db", "Windows", Place::file},
    {"desktop.ini", "Windows", Place::file},
    {"$RECYCLE.BIN", "Windows", Place::top},
    {"System Volume Information", "Windows", Place::top},
    {"@eaDir", "Synology", Place::folder},
    {".directory", "KDE", Place::file},
    {".nfs", "NFS", Place::begins},
    {".Trash-", "a file manager", Place::begins},
};

constexpr std::string_view image_extensions[] = {"jpg", "jpeg", "png", "bmp", "tif", "tiff", "webp",
                                                 "JPG", "JPEG", "PNG", "BMP", "TIF", "TIFF", "WEBP"};

bool has_image_beside(const Tree& tree, std::string_view path) {
  const std::string stem = join_path(folder_of(path), stem_of(path)) + '.';
  return std::any_of(std::begin(image_extensions), std::end(image_extensions),
                     [&](std::string_view extension) { return tree.contains(stem + std::string(extension)); });
}

bool below(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool below_anywhere(std::string_view path, std::string_view folder) {
  for (std::size_t at = 0; at < path.size(); at = path.find('/', at) + 1) {
    if (below(path.substr(at), folder)) return true;
    if (path.find('/', at) == std::string_view::npos) return false;
  }
  return false;
}

/// Without a tree, what might lie beside is taken to.
bool is_at(const Pattern& p, const Tree* tree, std::string_view path) {
  const std::string_view base = base_name(path);
  switch (p.place) {
    case Place::top: return below(path, p.part);
    case Place::folder: return below_anywhere(path, p.part);
    case Place::file: return base == p.part;
    case Place::begins: return base.starts_with(p.part);
    case Place::ends: return base.size() > p.part.size() && base.ends_with(p.part);
    case Place::beside:
      return base.size() > p.part.size() && base.ends_with(p.part) &&
             (tree == nullptr || has_image_beside(*tree, path));
    case Place::below_runs: break;
  }
  if (!below(path, "runs")) return false;
  std::string_view rest = path.substr(5);
  if (!rest.starts_with(p.part)) return false;
  rest.remove_prefix(p.part.size());
  while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') rest.remove_prefix(1);
  return rest.starts_with('/');
}

std::string_view maker_of(const Tree* tree, std::string_view path) {
  if (path.starts_with(paths_of(Form::sealed).added)) return {};  // only vetset has business there
  for (const Pattern& p : patterns)
    if (is_at(p, tree, path)) return p.maker;
  return {};
}

}  // namespace

std::string_view litter_maker(std::string_view path) { return maker_of(nullptr, path); }
std::string_view litter_maker(const Tree& tree, std::string_view path) { return maker_of(&tree, path); }

std::string_view who_rewrites(std::string_view path) {
  const std::string_view extension = extension_of(path);
  if (extension == "jpg" || extension == "jpeg" || extension == "JPG" || extension == "JPEG")
    return "trainers that repair JPEGs rewrite them in place (Ultralytics does), image viewers turn them";
  return {};
}

}  // namespace vetset
