// Takes the parts of a COCO document into the dataset as they come, and can go back to before it.
#include <algorithm>

#include "vetset/formats/coco/read.h"

namespace vetset {
namespace {

/// Everything of a dataset that grows while documents are read.
template <class Data, class Visit>
void each_column(Data& d, const Visit& visit) {
  visit(d.texts), visit(d.files), visit(d.splits), visit(d.memberships), visit(d.licences), visit(d.categories);
  visit(d.images), visit(d.annotations), visit(d.shapes), visit(d.rings), visit(d.coordinates), visit(d.masks),
      visit(d.runs);
  for (auto* ids : {&d.licence_ids, &d.category_ids, &d.image_ids, &d.annotation_ids})
    visit(ids->numbers), visit(ids->tokens);
  visit(d.image_positions), visit(d.annotation_positions), visit(d.areas), visit(d.scores), visit(d.track_ids);
  visit(d.residues), visit(d.attributes), visit(d.text_rows), visit(d.dangling), visit(d.lexemes);
}

Text moved(Text text, std::size_t by) {
  if (!text.empty()) text.begin += by;
  return text;
}

std::size_t take_texts(Dataset& d, const Dataset& part) {
  const std::size_t by = d.texts.size();
  d.texts.append(part.texts.slice(0, part.texts.size()));
  return by;
}

/// `had` records before, `now` with the part.
void take_ids(Ids& ids, const Ids& part, std::size_t had, std::size_t now, std::size_t texts) {
  if (!part.numbers.empty()) {
    ids.numbers.resize(had, Ids::absent);
    ids.numbers.append(part.numbers.slice(0, part.numbers.size()));
  }
  if (!ids.numbers.empty()) ids.numbers.resize(now, Ids::absent);
  for (const Ids::Token& t : part.tokens)
    ids.tokens.push_back({static_cast<std::uint32_t>(t.owner + had), moved(t.json, texts)});
}

void take_sparse(Dataset& d, const Dataset& part, std::size_t base, std::size_t texts) {
  const auto by = static_cast<std::uint32_t>(base);
  for (const Residue& row : part.residues) d.residues.push_back({row.owner, row.index + by, moved(row.json, texts)});
  for (const Attribute& row : part.attributes)
    d.attributes.push_back({row.owner, row.index + by, moved(row.key, texts), moved(row.value, texts)});
}

void take_references(std::vector<CocoReference>& to, CocoPart& part, std::size_t base) {
  for (CocoReference& reference : part.references) {
    reference.record += static_cast<std::uint32_t>(base);
    to.push_back(std::move(reference));
  }
}

}  // namespace

CocoMark::CocoMark(const Dataset& d) {
  each_column(d, [this](const auto& column) { sizes_.push_back(column.size()); });
}

void CocoMark::restore(Dataset& d) const {
  std::size_t at = 0;
  each_column(d, [&](auto& column) { column.resize(sizes_[at++]); });
}

CocoDocumentRows::CocoDocumentRows(Dataset& d, std::string_view path)
    : file(to_index<FileIndex>(d.files.size())),
      split(to_index<SplitIndex>(d.splits.size())),
      begin_{d.images.size(), d.annotations.size(), d.categories.size(), d.licences.size()} {
  d.files.push_back({.path = d.add_text(path), .split = split});
  CocoSplitName name = coco_split_of(path);
  d.splits.push_back({.name = std::move(name.name), .role = name.role, .origin = name.origin, .file = file});
}

void CocoDocumentRows::note(Owner owner, std::size_t record, std::string_view code, Severity severity,
                            std::string message) {
  notes.push_back({owner, {code, severity, static_cast<std::uint32_t>(record), 0, std::move(message)}});
}

void CocoDocumentRows::take_notes(CocoPart& part, Owner owner, std::size_t base) {
  for (CocoNote& n : part.notes) {
    if (n.record != nobody) n.record += static_cast<std::uint32_t>(base);
    notes.push_back({owner, std::move(n)});
  }
}

void CocoDocumentRows::take_images(Dataset& d, CocoPart&& part) {
  const std::size_t base = d.images.size();
  const std::size_t texts = take_texts(d, part.dataset);
  for (Image image : part.dataset.images) {
    image.path = moved(image.path, texts);
    d.images.push_back(image);
  }
  d.image_positions.append(part.dataset.image_positions.slice(0, part.dataset.image_positions.size()));
  take_ids(d.image_ids, part.dataset.image_ids, base, d.images.size(), texts);
  take_sparse(d, part.dataset, base, texts);
  take_references(image_references_, part, base);
  take_notes(part, Owner::image, base);
}

void CocoDocumentRows::take_annotations(Dataset& d, CocoPart&& part) {
  const std::size_t base = d.annotations.size();
  take_references(annotation_references_, part, base);
  take_notes(part, Owner::annotation, base);
  d.append_annotations(std::move(part.dataset));
  for (std::size_t i = base; i < d.annotations.size(); ++i)
    d.annotations[i].order = static_cast<std::uint32_t>(i - begin_.annotations);
}

void CocoDocumentRows::take_categories(Dataset& d, CocoPart&& part) {
  const std::size_t base = d.categories.size();
  const std::size_t texts = take_texts(d, part.dataset);
  std::move(part.dataset.categories.begin(), part.dataset.categories.end(), std::back_inserter(d.categories));
  take_ids(d.category_ids, part.dataset.category_ids, base, d.categories.size(), texts);
  take_sparse(d, part.dataset, base, texts);
  take_notes(part, Owner::category, base);
}

void CocoDocumentRows::take_licences(Dataset& d, CocoPart&& part) {
  const std::size_t base = d.licences.size();
  const std::size_t texts = take_texts(d, part.dataset);
  for (Licence& licence : part.dataset.licences) {
    licence.split = split;
    d.licences.push_back(std::move(licence));
  }
  take_ids(d.licence_ids, part.dataset.licence_ids, base, d.licences.size(), texts);
  take_sparse(d, part.dataset, base, texts);
  take_notes(part, Owner::licence, base);
}

}  // namespace vetset
