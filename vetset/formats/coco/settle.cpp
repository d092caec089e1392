// The end of reading a COCO document: references become indices, what stands twice is found, and records that an
// earlier document has as well become one.
#include <algorithm>
#include <functional>
#include <tuple>

#include "vetset/formats/coco/read.h"

namespace vetset {
namespace {

/// Whether two images of two documents say the same.
bool same_image(const Dataset& d, std::size_t a, std::size_t b) {
  const Image &x = d.images[a], &y = d.images[b];
  const auto licence = [&](const Image& i) {
    return i.licence == none<LicenceIndex> ? std::string() : d.id_json(d.licence_ids, to_size(i.licence));
  };
  const auto same_rows = [&](auto rows_a, auto rows_b, auto&& same) {
    return std::equal(rows_a.begin(), rows_a.end(), rows_b.begin(), rows_b.end(), same);
  };
  return d.id_json(d.image_ids, a) == d.id_json(d.image_ids, b) && d.text(x.path) == d.text(y.path) &&
         x.width == y.width && x.height == y.height && x.size_origin == y.size_origin && licence(x) == licence(y) &&
         same_rows(d.residues_of(Owner::image, a), d.residues_of(Owner::image, b),
                   [&](const Residue& p, const Residue& q) { return d.text(p.json) == d.text(q.json); }) &&
         same_rows(d.attributes_of(Owner::image, a), d.attributes_of(Owner::image, b),
                   [&](const Attribute& p, const Attribute& q) {
                     return d.text(p.key) == d.text(q.key) && d.text(p.value) == d.text(q.value);
                   });
}

bool same_category(const Dataset& d, std::size_t a, std::size_t b) {
  const Category &x = d.categories[a], &y = d.categories[b];
  const auto rows_a = d.residues_of(Owner::category, a), rows_b = d.residues_of(Owner::category, b);
  return d.id_json(d.category_ids, a) == d.id_json(d.category_ids, b) && x.name == y.name &&
         x.supercategory == y.supercategory && x.has_keypoints == y.has_keypoints && x.keypoints == y.keypoints &&
         x.has_skeleton == y.has_skeleton && x.skeleton == y.skeleton &&
         std::equal(rows_a.begin(), rows_a.end(), rows_b.begin(), rows_b.end(),
                    [&](const Residue& p, const Residue& q) { return d.text(p.json) == d.text(q.json); });
}

/// Moves the records of a tail to their places: place[k] is where tail record k went. Those that went before `begin`
/// are gone; the others keep their order.
template <class T>
void compact(Column<T>& column, std::size_t begin, std::span<const std::uint32_t> place) {
  if (column.empty()) return;
  std::size_t kept = begin;
  for (std::size_t k = 0; k < place.size(); ++k)
    if (place[k] >= begin) column[kept++] = column[begin + k];
  column.resize(kept);
}

void compact(Ids& ids, std::size_t begin, std::span<const std::uint32_t> place) {
  compact(ids.numbers, begin, place);
  std::size_t kept = 0;
  for (std::size_t t = 0; t < ids.tokens.size(); ++t) {
    Ids::Token token = ids.tokens[t];
    if (token.owner >= begin) {
      const std::uint32_t to = place[token.owner - begin];
      if (to < begin) continue;
      token.owner = to;
    }
    ids.tokens[kept++] = token;
  }
  ids.tokens.resize(kept);
}

template <class Row>
void compact_rows(Column<Row>& rows, Owner owner, std::size_t begin, std::span<const std::uint32_t> place) {
  std::size_t kept = 0;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Row row = rows[r];
    if (row.owner == owner && row.index >= begin) {
      const std::uint32_t to = place[row.index - begin];
      if (to < begin) continue;
      row.index = to;
    }
    rows[kept++] = row;
  }
  rows.resize(kept);
}

/// Where each record of the tail goes: to an equal one among `candidates`, each taken once, or on with the tail.
std::vector<std::uint32_t> places(std::size_t begin, std::size_t end, std::span<const std::uint32_t> candidates,
                                  const std::function<std::size_t(std::size_t)>& hash,
                                  const std::function<bool(std::size_t, std::size_t)>& same) {
  std::vector<std::pair<std::size_t, std::uint32_t>> known;
  for (const std::uint32_t c : candidates) known.emplace_back(hash(c), c);
  std::sort(known.begin(), known.end());
  std::vector<bool> taken(known.size());
  std::vector<std::uint32_t> place;
  auto next = static_cast<std::uint32_t>(begin);
  for (std::size_t i = begin; i < end; ++i) {
    const std::size_t h = hash(i);
    auto at = std::lower_bound(known.begin(), known.end(), std::pair{h, std::uint32_t{0}});
    while (at != known.end() && at->first == h &&
           (taken[static_cast<std::size_t>(at - known.begin())] || !same(at->second, i)))
      ++at;
    if (at != known.end() && at->first == h) {
      taken[static_cast<std::size_t>(at - known.begin())] = true;
      place.push_back(at->second);
    } else {
      place.push_back(next++);
    }
  }
  return place;
}

template <class Row>
void sort_rows(Column<Row>& rows) {
  const auto less = [](const Row& a, const Row& b) {
    return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
  };
  if (!std::is_sorted(rows.begin(), rows.end(), less)) std::stable_sort(rows.begin(), rows.end(), less);
}

std::string cut(std::string_view text) { return std::string(text.substr(0, 60)); }

}  // namespace

void sort_coco_rows(Dataset& d) {
  sort_rows(d.residues);
  sort_rows(d.attributes);
}

void CocoDocumentRows::settle(Reading& reading) {
  Dataset& d = reading.dataset;
  d.splits[to_size(split)].has_images = has_images;
  d.splits[to_size(split)].has_annotations = has_annotations;
  settle_licences(d);
  tell_repeated(d);
  settle_references(d);
  share_categories(d);
  share_images(d);
  file_notes(reading);
}

void CocoDocumentRows::settle_licences(Dataset& d) {
  const CocoIndex licences(d, d.licence_ids, begin_.licences, d.licences.size(), nullptr);
  const auto keep = [&](std::size_t image, std::string_view json) {
    std::string member = "{\"license\":";
    member += json;
    d.residues.push_back({Owner::image, static_cast<std::uint32_t>(image), d.add_text(member + '}')});
  };
  for (std::size_t i = begin_.images; i < d.images.size(); ++i) {
    LicenceIndex& licence = d.images[i].licence;
    if (licence == none<LicenceIndex>) continue;
    const auto written = static_cast<std::uint32_t>(licence);
    const std::uint32_t found = licences.find(std::int64_t{written});
    licence = found == CocoIndex::nothing ? none<LicenceIndex> : to_index<LicenceIndex>(found);
    const std::string json = std::to_string(written);
    if (found == CocoIndex::nothing || d.id_json(d.licence_ids, found) != json) keep(i, json);
  }
  for (const CocoReference& r : image_references_) {
    const std::uint32_t found = licences.find(std::string_view(r.json));
    if (found != CocoIndex::nothing) d.images[r.record].licence = to_index<LicenceIndex>(found);
    if (found == CocoIndex::nothing || d.id_json(d.licence_ids, found) != r.json) keep(r.record, r.json);
  }
}

void CocoDocumentRows::settle_references(Dataset& d) {
  const CocoIndex images(d, d.image_ids, begin_.images, d.images.size(), nullptr);
  const CocoIndex listed(d, d.category_ids, begin_.categories, d.categories.size(), nullptr);
  struct Lost {
    AnnotationIndex annotation;
    Owner target;
    std::string json;
  };
  std::vector<Lost> lost;
  std::size_t reference = 0;
  for (std::size_t i = begin_.annotations; i < d.annotations.size(); ++i) {
    Annotation& a = d.annotations[i];
    bool said_image = a.image != none<ImageIndex>;
    if (said_image) {
      const auto written = static_cast<std::uint32_t>(a.image);
      const std::uint32_t found = images.find(std::int64_t{written});
      a.image = static_cast<ImageIndex>(found);
      if (found == CocoIndex::nothing)
        lost.push_back({to_index<AnnotationIndex>(i), Owner::image, std::to_string(written)});
    }
    if (a.category != none<CategoryIndex>) {
      const auto written = static_cast<std::uint32_t>(a.category);
      const std::uint32_t found = listed.find(std::int64_t{written});
      a.category = static_cast<CategoryIndex>(found);
      if (found == CocoIndex::nothing)
        lost.push_back({to_index<AnnotationIndex>(i), Owner::category, std::to_string(written)});
    }
    for (; reference < annotation_references_.size() && annotation_references_[reference].record == i; ++reference) {
      const CocoReference& r = annotation_references_[reference];
      const CocoIndex& index = r.target == Owner::image ? images : listed;
      said_image = said_image || r.target == Owner::image;
      const std::uint32_t found = r.number ? index.find(*r.number) : index.find(std::string_view(r.json));
      if (r.target == Owner::image) a.image = static_cast<ImageIndex>(found);
      if (r.target == Owner::category) a.category = static_cast<CategoryIndex>(found);
      if (found == CocoIndex::nothing) lost.push_back({to_index<AnnotationIndex>(i), r.target, r.json});
    }
    if (!said_image) note(Owner::annotation, i, "FMT402", Severity::error, "the annotation has no image_id");
  }
  for (const Lost& l : lost) {
    d.dangling.push_back({l.annotation, l.target, d.add_text(l.json)});
    const bool image = l.target == Owner::image;
    // A key that a residue holds as well (1.0) is told by the reference now.
    note(Owner::annotation, to_size(l.annotation), "FMT402", Severity::error,
         std::string(image ? "image_id " : "category_id ") + cut(l.json) +
             (image ? " names no image" : " names no category"));
  }
}

void CocoDocumentRows::tell_repeated(Dataset& d) {
  const auto tell = [&](const Ids& ids, std::size_t begin, std::size_t end, Owner owner, std::string_view what) {
    std::vector<std::uint32_t> repeated;
    const CocoIndex index(d, ids, begin, end, &repeated);
    for (const std::uint32_t i : repeated)
      note(owner, i, "FMT403", Severity::error,
           std::string(what) + " id " + cut(d.id_json(ids, i)) + " stands more than once");
  };
  tell(d.image_ids, begin_.images, d.images.size(), Owner::image, "image");
  tell(d.category_ids, begin_.categories, d.categories.size(), Owner::category, "category");
  tell(d.annotation_ids, begin_.annotations, d.annotations.size(), Owner::annotation, "annotation");
  std::vector<std::pair<std::string_view, std::uint32_t>> names;
  for (std::size_t i = begin_.images; i < d.images.size(); ++i)
    if (!d.images[i].path.empty()) names.emplace_back(d.text(d.images[i].path), static_cast<std::uint32_t>(i));
  std::sort(names.begin(), names.end());
  std::vector<std::uint32_t> repeated;
  for (std::size_t k = 1; k < names.size(); ++k)
    if (names[k].first == names[k - 1].first) repeated.push_back(names[k].second);
  std::sort(repeated.begin(), repeated.end());
  for (const std::uint32_t i : repeated)
    note(Owner::image, i, "FMT403", Severity::error,
         "file_name '" + std::string(d.text(d.images[i].path)) + "' stands more than once");
}

void CocoDocumentRows::share_categories(Dataset& d) {
  const std::size_t begin = begin_.categories;
  std::vector<std::uint32_t> candidates(begin);
  for (std::size_t c = 0; c < begin; ++c) candidates[c] = static_cast<std::uint32_t>(c);
  if (begin > 0 && d.categories.size() > begin) sort_coco_rows(d);
  const std::vector<std::uint32_t> place = places(
      begin, d.categories.size(), candidates,
      [&](std::size_t c) { return std::hash<std::string>()(d.categories[c].name); },
      [&](std::size_t a, std::size_t b) { return same_category(d, a, b); });
  for (const std::uint32_t p : place) category_place_.push_back(to_index<CategoryIndex>(p));
  categories = category_place_;
  if (place.empty() || std::none_of(place.begin(), place.end(), [&](std::uint32_t p) { return p < begin; })) return;
  std::size_t kept = begin;
  for (std::size_t k = 0; k < place.size(); ++k)
    if (place[k] >= begin) {
      if (kept != begin + k) d.categories[kept] = std::move(d.categories[begin + k]);
      ++kept;
    }
  d.categories.resize(kept);
  compact(d.category_ids, begin, place);
  compact_rows(d.residues, Owner::category, begin, place);
  for (std::size_t i = begin_.annotations; i < d.annotations.size(); ++i)
    if (CategoryIndex& c = d.annotations[i].category; c != none<CategoryIndex>) c = category_place_[to_size(c) - begin];
}

void CocoDocumentRows::share_images(Dataset& d) {
  const std::size_t begin = begin_.images;
  std::vector<std::uint32_t> candidates;
  for (const Membership& m : d.memberships)
    if (d[m.split].name == d[split].name) candidates.push_back(static_cast<std::uint32_t>(m.image));
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  const auto add_member = [&](std::size_t k, ImageIndex image) {
    d.memberships.push_back({split, image, static_cast<std::uint32_t>(k)});
    if (to_size(image) >= begin) new_images.push_back(image);
  };
  if (candidates.empty()) {
    for (std::size_t i = begin; i < d.images.size(); ++i) add_member(i - begin, to_index<ImageIndex>(i));
    return;
  }
  sort_coco_rows(d);
  const std::vector<std::uint32_t> place = places(
      begin, d.images.size(), candidates,
      [&](std::size_t i) { return std::hash<std::string_view>()(d.text(d.images[i].path)); },
      [&](std::size_t a, std::size_t b) { return same_image(d, a, b); });
  compact(d.images, begin, place);
  compact(d.image_positions, begin, place);
  compact(d.image_ids, begin, place);
  compact_rows(d.residues, Owner::image, begin, place);
  compact_rows(d.attributes, Owner::image, begin, place);
  for (const std::uint32_t p : place) image_place_.push_back(to_index<ImageIndex>(p));
  for (std::size_t k = 0; k < image_place_.size(); ++k) add_member(k, image_place_[k]);
  for (std::size_t i = begin_.annotations; i < d.annotations.size(); ++i)
    if (ImageIndex& image = d.annotations[i].image; image != none<ImageIndex>)
      image = image_place_[to_size(image) - begin];
}

void CocoDocumentRows::file_notes(Reading& reading) const {
  const std::string path(reading.dataset.path(file));
  for (const Noted& n : notes) {
    Where where = Place{.file = path, .offset = n.note.offset};
    const std::size_t record = n.note.record;
    if (n.note.record != nobody && n.owner == Owner::annotation) where = to_index<AnnotationIndex>(record);
    if (n.note.record != nobody && n.owner == Owner::image)
      where = image_place_.empty() ? to_index<ImageIndex>(record) : image_place_[record - begin_.images];
    if (n.note.record != nobody && n.owner == Owner::category) where = category_place_[record - begin_.categories];
    reading.findings.add(
        {.code = n.note.code, .severity = n.note.severity, .where = std::move(where), .message = n.note.message});
  }
}

void finish_coco(Dataset& d, const std::vector<std::vector<CategoryIndex>>& listings) {
  sort_coco_rows(d);
  const auto lists_all = [&](const std::vector<CategoryIndex>& listing) {
    if (listing.size() != d.categories.size()) return false;
    for (std::size_t c = 0; c < listing.size(); ++c)
      if (to_size(listing[c]) != c) return false;
    return true;
  };
  if (std::all_of(listings.begin(), listings.end(), lists_all)) return;
  for (std::size_t s = 0; s < listings.size(); ++s)
    for (const CategoryIndex c : listings[s]) d.category_listings.push_back({to_index<SplitIndex>(s), c});
}

}  // namespace vetset
