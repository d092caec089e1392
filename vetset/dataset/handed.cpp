#include "vetset/dataset/handed.h"

#include <algorithm>

#include "vetset/base/json.h"
#include "vetset/dataset/edit.h"

namespace vetset {
namespace {

std::string number_text(double value) {
  std::string text;
  append_json_number(text, value);
  return text;
}

std::string why_of(const QueueItem& item) {
  std::string why;
  for (const std::string& code : item.codes) why += (why.empty() ? "" : " ") + code;
  return why;
}

/// What the evidence speaks for, in a line.
std::string proposal_of(const QueueItem& item) {
  std::string text;
  if (!item.object && item.has_box()) text = "new";
  if (!item.proposed.empty() && item.proposed != item.given) text += (text.empty() ? "" : " ") + item.proposed;
  if (item.object && item.has_box())
    text += (text.empty() ? "" : " ") + ("box " + number_text(item.box.x)) + " " + number_text(item.box.y) + " " +
            number_text(item.box.width) + " " + number_text(item.box.height);
  return text;
}

class Handing {
 public:
  Handing(const Queue& queue, Handed& handed) : queue_(queue), handed_(handed) {}

  void add(Dataset& d, Owner owner, std::uint32_t index, std::string_view key, std::string_view value) {
    std::string json;
    append_json_string(json, value);
    d.attributes.push_back({owner, index, d.add_text(key), d.add_text(json)});
  }
  void describe(Dataset& d, Owner owner, std::uint32_t index, std::string_view key, std::size_t item) {
    add(d, owner, index, key_attribute, key);
    if (item == Handed::no_item) return;
    add(d, owner, index, mark_attribute, "open");
    add(d, owner, index, why_attribute, why_of(queue_.items[item]));
    const std::string proposal = proposal_of(queue_.items[item]);
    if (!proposal.empty()) add(d, owner, index, proposal_attribute, proposal);
  }

  /// A box that was not there, as the last record of its image's file.
  void propose(Dataset& part, ImageIndex image, CategoryIndex category, std::size_t item, std::uint32_t order) {
    const QueueItem& it = queue_.items[item];
    Annotation a;
    a.box = it.box;
    a.image = image;
    a.category = category;
    a.kind = Kind::box;
    a.box_origin = Origin::stated;
    a.order = order;
    describe(part, Owner::annotation, static_cast<std::uint32_t>(part.annotations.size()), it.key, item);
    part.annotations.push_back(a);
    handed_.records.push_back({.item = item, .key = it.key});
  }

 private:
  const Queue& queue_;
  Handed& handed_;
};

/// One more than the largest number that an id or a record has.
std::int64_t next_id(const Dataset& d) {
  std::int64_t most = 0;
  for (const std::int64_t id : d.annotation_ids.numbers)
    if (id != Ids::absent && id != Ids::odd && id < INT64_MAX) most = std::max(most, id);
  return most + 1;
}
std::uint32_t next_order(const Dataset& d) {
  std::uint32_t next = 0;
  for (const Annotation& a : d.annotations) next = std::max(next, a.order + 1);
  for (const Unread& line : d.unread) next = std::max(next, line.order + 1);
  return next;
}

CategoryIndex find_category(const Dataset& d, std::string_view name) {
  for (std::size_t c = 0; c < d.categories.size(); ++c)
    if (d.categories[c].name == name) return to_index<CategoryIndex>(c);
  return none<CategoryIndex>;
}

}  // namespace

std::string_view name(Told told) {
  constexpr std::string_view names[] = {"untouched", "confirmed", "changed", "removed", "added", "wrong", "conflict"};
  return names[static_cast<std::size_t>(told)];
}

Handed hand_over(const Dataset& d, const Queue& queue, std::span<const ItemPlace> places,
                 std::span<const std::string> keys) {
  Selection selection{.images = std::vector<bool>(d.images.size(), false)};
  for (const ItemPlace& place : places)
    if (place.image != none<ImageIndex>) selection.images[to_size(place.image)] = true;
  Selected chosen = selected(d, selection);
  Handed handed;
  handed.dataset = std::move(chosen.dataset);
  Dataset& out = handed.dataset;
  handed.images.assign(out.images.size(), none<ImageIndex>);
  for (std::size_t i = 0; i < d.images.size(); ++i)
    if (const ImageIndex j = chosen.join.images[i]; j != none<ImageIndex>)
      handed.images[to_size(j)] = to_index<ImageIndex>(i);
  handed.records.resize(out.annotations.size());
  for (std::size_t n = 0; n < d.annotations.size(); ++n)
    for (const AnnotationIndex j : chosen.join.of(to_index<AnnotationIndex>(n)))
      handed.records[to_size(j)] = {to_index<AnnotationIndex>(n), Handed::no_item, keys[n]};
  for (std::size_t i = 0; i < places.size(); ++i)
    if (places[i].annotation != none<AnnotationIndex>)
      for (const AnnotationIndex j : chosen.join.of(places[i].annotation)) handed.records[to_size(j)].item = i;

  Handing handing(queue, handed);
  for (std::size_t n = 0; n < out.annotations.size(); ++n)
    handing.describe(out, Owner::annotation, static_cast<std::uint32_t>(n), handed.records[n].key,
                     handed.records[n].item);
  Dataset proposals;
  std::uint32_t order = next_order(out);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const QueueItem& item = queue.items[i];
    if (places[i].annotation != none<AnnotationIndex> || places[i].image == none<ImageIndex>) continue;
    const ImageIndex image = chosen.join.images[to_size(places[i].image)];
    if (item.has_box()) {
      handing.propose(proposals, image, find_category(out, item.proposed), i, order++);
    } else {
      handing.describe(out, Owner::image, static_cast<std::uint32_t>(image), item.key, i);
      handed.image_items.push_back(i);
    }
  }
  if (!proposals.annotations.empty()) {
    if (!out.annotation_ids.numbers.empty()) {
      std::int64_t id = next_id(out);
      for (std::size_t n = 0; n < proposals.annotations.size(); ++n) proposals.annotation_ids.numbers.push_back(id++);
    }
    if (!out.areas.empty())
      for (const Annotation& a : proposals.annotations) proposals.areas.push_back(a.box.width * a.box.height);
    out.append_annotations(std::move(proposals));
    for (Image& image : out.images)
      if (image.state == ImageState::labelled_empty) image.state = ImageState::not_said;
  }
  std::stable_sort(out.attributes.begin(), out.attributes.end(), [](const Attribute& a, const Attribute& b) {
    return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
  });
  return handed;
}

}  // namespace vetset
