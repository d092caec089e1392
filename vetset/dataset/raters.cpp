#include "vetset/dataset/raters.h"

#include <algorithm>
#include <map>

#include "vetset/base/json.h"
#include "vetset/dataset/image_keys.h"

namespace vetset {
namespace {

constexpr std::string_view rater_keys[] = {"annotator", "annotator_id", "rater",     "rater_id",  "labeler",
                                           "labeller",  "worker",       "worker_id", "created_by"};
constexpr std::string_view batch_keys[] = {"batch", "batch_id", "task_id", "job_id"};

/// Which of the keys a record names, among the first thousand records that name any.
std::vector<std::string_view> keys_present(const Dataset& d, Owner owner, std::span<const std::string_view> keys) {
  constexpr std::size_t most = 1000;
  std::vector<bool> found(keys.size(), false);
  const auto mark = [&](std::string_view name) {
    const auto key = std::find(keys.begin(), keys.end(), name);
    if (key != keys.end()) found[static_cast<std::size_t>(key - keys.begin())] = true;
  };
  std::size_t looked = 0;
  for (const Residue& residue : d.residues) {
    if (residue.owner != owner) continue;
    if (++looked > most) break;
    JsonCursor in(d.text(residue.json));
    for (in.enter_object(); in.next_member(); in.skip()) mark(in.key());
  }
  looked = 0;
  for (const Attribute& attribute : d.attributes) {
    if (attribute.owner != owner) continue;
    if (++looked > most * 10) break;
    mark(d.text(attribute.key));
  }
  std::vector<std::string_view> present;
  for (std::size_t k = 0; k < keys.size(); ++k)
    if (found[k]) present.push_back(keys[k]);
  return present;
}

/// Names sorted, each annotation by its place among them.
Makers makers_from(std::string by, std::span<const std::string> values) {
  Makers makers{.by = std::move(by)};
  std::map<std::string_view, std::uint32_t> place;
  for (const std::string& value : values)
    if (!value.empty()) place.emplace(value, 0);
  for (auto& [name, index] : place) {
    index = static_cast<std::uint32_t>(makers.names.size());
    makers.names.emplace_back(name);
  }
  for (const std::string& value : values) makers.of.push_back(value.empty() ? Makers::nobody : place[value]);
  return makers;
}

Makers makers_by_layer(const Dataset& d) {
  std::vector<std::string> names;
  for (const Annotation& a : d.annotations)
    names.push_back(a.layer == 0 || a.layer >= d.layers.size() ? std::string() : d.layers[a.layer]);
  return makers_from("layer", names);
}

Makers makers_by_key(const Dataset& d, std::string_view key) {
  const std::string_view keys[] = {key};
  return makers_from("attribute:" + std::string(key), annotation_values(d, keys)[0]);
}

Makers makers_by_image_key(const Dataset& d, std::string_view key) {
  const std::string_view keys[] = {key};
  const std::vector<std::string> values = image_values(d, keys)[0];
  std::vector<std::string> of_annotation;
  for (const Annotation& a : d.annotations)
    of_annotation.push_back(a.image == none<ImageIndex> ? std::string() : values[to_size(a.image)]);
  return makers_from("attribute:" + std::string(key), of_annotation);
}

Raters raters_from(const Dataset& d, Makers makers) {
  Raters raters{std::move(makers), {}, {}};
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (std::size_t n = 0; n < d.annotations.size() && !raters.names.empty(); ++n)
    if (raters.of[n] != Makers::nobody && d.annotations[n].image != none<ImageIndex>)
      pairs.emplace_back(static_cast<std::uint32_t>(d.annotations[n].image), raters.of[n]);
  raters.set_seen(d.images.size(), std::move(pairs));
  return raters;
}

}  // namespace

std::vector<Makers> makers_of(const Dataset& d) {
  std::vector<Makers> all;
  const auto keep = [&](Makers makers) {
    if (makers.names.size() > 1) all.push_back(std::move(makers));
  };
  if (d.layers.size() > 1) keep(makers_by_layer(d));
  std::vector<std::string_view> keys(std::begin(rater_keys), std::end(rater_keys));
  keys.insert(keys.end(), std::begin(batch_keys), std::end(batch_keys));
  for (const std::string_view key : keys_present(d, Owner::annotation, keys)) keep(makers_by_key(d, key));
  for (const std::string_view key : keys_present(d, Owner::image, keys)) keep(makers_by_image_key(d, key));
  return all;
}

std::uint64_t Raters::shared_images() const {
  std::uint64_t shared = 0;
  for (std::size_t i = 0; i + 1 < begin.size(); ++i) shared += begin[i + 1] - begin[i] > 1 ? 1U : 0U;
  return shared;
}

void Raters::set_seen(std::size_t images, std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs) {
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  begin.assign(images + 1, 0);
  seen.clear();
  for (const auto& [image, rater] : pairs) {
    ++begin[image + 1];
    seen.push_back(rater);
  }
  for (std::size_t i = 0; i < images; ++i) begin[i + 1] += begin[i];
}

Result<Raters> raters_by(const Dataset& d, std::string_view by) {
  constexpr std::string_view attribute = "attribute:";
  if (by.empty()) {
    if (d.layers.size() > 1)
      if (Makers makers = makers_by_layer(d); !makers.names.empty()) return raters_from(d, std::move(makers));
    const auto keys = keys_present(d, Owner::annotation, rater_keys);
    return raters_from(d, keys.empty() ? Makers{} : makers_by_key(d, keys.front()));
  }
  if (by == "layer") {
    Raters raters = raters_from(d, makers_by_layer(d));
    if (raters.names.empty()) return Error{Code::usage, "no annotation is in a layer that has a name"};
    return raters;
  }
  if (!by.starts_with(attribute) || by.size() == attribute.size())
    return Error{Code::usage, "expected layer or attribute:KEY, found '" + std::string(by) + "'"};
  Raters raters = raters_from(d, makers_by_key(d, by.substr(attribute.size())));
  if (raters.names.empty())
    return Error{Code::usage, "no annotation says '" + std::string(by.substr(attribute.size())) + "'"};
  return raters;
}

Raters raters_or_nobody(const Dataset& d, std::span<const std::string> by) {
  auto raters = raters_by(d, by.empty() ? std::string_view() : by.front());
  return raters ? *std::move(raters) : raters_from(d, Makers{});
}

}  // namespace vetset
