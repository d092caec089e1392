#include "vetset/infer/infer.h"

#include <algorithm>
#include <optional>

#include "vetset/base/digest.h"
#include "vetset/base/json.h"
#include "vetset/dataset/geometry.h"
#include "vetset/dataset/rle.h"

namespace vetset {
namespace {

constexpr std::size_t most_told = 10;

/// A full-frame mask, row after row, as COCO's string.
std::string mask_text(std::span<const std::uint8_t> rows, std::uint32_t width, std::uint32_t height) {
  std::vector<std::uint8_t> columns(rows.size());
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x) columns[std::size_t{x} * height + y] = rows[std::size_t{y} * width + x];
  MaskCounts counts;
  counts_of_bitmap(columns, height, width, counts);
  return coco_string_of(counts);
}

void take(Inferred& to, const ModelAnswer& answer, const Placement& placement) {
  to.width = placement.image_width;
  to.height = placement.image_height;
  for (const ClassScore& c : answer.classes) to.found.push_back({.label = c.label, .score = c.score});
  for (const DetectedObject& d : answer.detections)
    to.found.push_back({.label = d.label,
                        .score = d.score,
                        .box = d.box,
                        .angle = d.angle,
                        .keypoints = d.keypoints,
                        .mask = d.mask.empty() ? std::string() : mask_text(d.mask, to.width, to.height)});
  to.embedding = answer.embedding;
}

/// Images that are read, shown to the model and told of together.
class Group {
 public:
  Group(const Dataset& d, const Tree& media, const Model& model) : d_(d), media_(media), model_(model) {}

  Result<std::vector<Inferred>> run(std::span<const std::uint32_t> images) {
    std::vector<Inferred> told(images.size());
    std::vector<Raster> pixels;
    std::vector<Placement> placements;
    std::vector<std::size_t> owners;
    const auto flush = [&]() -> Result<void> {
      Result<std::vector<ModelAnswer>> answers = model_.answer(pixels, placements);
      if (!answers) {
        Error e = std::move(answers).error();
        e.message = std::string(d_.path(to_index<ImageIndex>(told[owners[0]].image))) + ": " + e.message;
        return e;
      }
      for (std::size_t k = 0; k < owners.size(); ++k) take(told[owners[k]], (*answers)[k], placements[k]);
      pixels.clear(), placements.clear(), owners.clear();
      return {};
    };
    for (std::size_t k = 0; k < images.size(); ++k) {
      told[k].image = images[k];
      Placement placement;
      Result<Raster> shown = show(images[k], told[k], placement);
      if (!shown) {
        told[k].problem = shown.error().message;
        continue;
      }
      if (!owners.empty() &&
          (placement.input_width != placements[0].input_width || placement.input_height != placements[0].input_height))
        VETSET_DO(flush());
      pixels.push_back(*std::move(shown));
      placements.push_back(placement);
      owners.push_back(k);
    }
    if (!owners.empty()) VETSET_DO(flush());
    return told;
  }

 private:
  Result<Raster> show(std::uint32_t image, Inferred& told, Placement& placement) {
    const Image& i = d_.images[image];
    if (i.media.size == 0) return Error{Code::not_found, "there is no such file"};
    VETSET_TRY(const Bytes bytes, media_.read(d_.text(i.media)));
    told.sha256 = sha256(bytes).hex();
    VETSET_TRY(Raster pixels, decoded_pixels(bytes, model_.spec().pixels));
    VETSET_TRY(placement, placement_of(pixels.width, pixels.height, model_.spec().resize));
    return pixels;
  }

  const Dataset& d_;
  const Tree& media_;
  const Model& model_;
};

}  // namespace

std::string journal_header(const Dataset& d, const Model& model, const InferOptions& options) {
  Sha256 paths;
  for (const Image& i : d.images) {
    paths.add(d.text(i.path));
    paths.add(std::string_view("\0", 1));
  }
  std::string out;
  JsonWriter w(out);
  w.begin_object().key("journal").value(1);
  w.key("model").value("sha256:" + model.sha256());
  w.key("spec").value(model.spec_digest());
  w.key("runtime").value(model.runtime().name() + " " + model.runtime().version());
  w.key("providers").begin_array();
  for (const std::string& p : model.session().providers()) w.value(p);
  w.end_array();
  w.key("images").value(std::uint64_t{d.images.size()}).key("paths").value(paths.finish().text());
  w.key("shard").value(options.shard).key("shards").value(options.shards).key("batch").value(options.batch);
  w.end_object();
  return out;
}

Result<InferReport> infer(const Dataset& d, const Tree& media, const Model& model, const InferOptions& options) {
  if (options.shards == 0 || options.shard >= options.shards)
    return Error{Code::usage, "shard " + std::to_string(options.shard) + " of " + std::to_string(options.shards) +
                                  "; shards count from 0"};
  const std::uint32_t batch =
      std::max<std::uint32_t>(1, model.most_images() ? std::min(options.batch, model.most_images()) : options.batch);
  VETSET_TRY(Journal journal, Journal::open(options.journal, journal_header(d, model, options)));

  InferReport report;
  std::vector<std::uint32_t> images;
  for (std::size_t i = options.shard; i < d.images.size(); i += options.shards)
    images.push_back(static_cast<std::uint32_t>(i));
  report.images = images.size();
  report.continued = journal.lines();
  if (report.continued > images.size())
    return Error{Code::malformed, "has more lines than there are images; remove it to begin anew", options.journal};

  // Groups begin where they would have begun in one run, so that a run that went on answers as one that did not stop.
  std::size_t next = report.continued / batch * batch;
  using Part = std::vector<Inferred>;
  struct Item {
    std::size_t begin = 0, end = 0;
  };
  const auto give = [&]() -> Result<std::optional<Item>> {
    if (options.progress.stopped()) return Error{Code::cancelled, "stopped; the same command goes on from here"};
    if (next >= images.size()) return std::optional<Item>();
    const Item item{next, std::min(next + batch, images.size())};
    next = item.end;
    return std::optional<Item>(item);
  };
  const auto work = [&](Item& item) -> Result<Part> {
    return Group(d, media, model).run(std::span(images).subspan(item.begin, item.end - item.begin));
  };
  std::size_t accepted = next;
  const auto accept = [&](Part&& part) -> Result<void> {
    for (const Inferred& inferred : part)
      if (accepted++ >= report.continued) VETSET_DO(journal.add(inferred));
    options.progress.tell("inferring", accepted, images.size());
    return {};
  };
  VETSET_DO((options.pool.in_order<Item, Part>(give, work, accept)));

  Sha256 digest;
  VETSET_DO(Journal::read(options.journal, [&](Inferred&& i) -> Result<void> {
    const std::string_view path = d.path(to_index<ImageIndex>(i.image));
    digest.add(std::string(path) + '\0' + i.sha256 + '\n');
    report.found += i.found.size();
    if (!i.problem.empty() && ++report.problems <= most_told)
      report.first_problems.push_back(std::string(path) + ": " + i.problem);
    return {};
  }));
  report.images_digest = digest.finish().text();
  return report;
}

}  // namespace vetset
