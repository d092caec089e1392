// The reading side: the rows of a package's tables become records again, each at the place it had.
#include <algorithm>
#include <utility>

#include "vetset/base/tree.h"
#include "vetset/dataset/package_state.h"
#include "vetset/dataset/package_tables.h"

namespace vetset {
void PackageReader::State::files(Rows& r) {
  TextCells path(r, "path"), content(r, "content");
  const CountCells split(r, "split");
  const TruthCells bom(r, "bom"), crlf(r, "crlf"), final_newline(r, "final_newline");
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    File f;
    f.path = d.add_text(path[row_].value_or(std::string_view()));
    if (const auto bytes = content[row_]) f.bytes = d.add_text(*bytes);
    if (const auto s = split[row_]) f.split = static_cast<SplitIndex>(*s);  // checked once the splits are there
    f.bom = bom[row_].value_or(false);
    f.crlf = crlf[row_].value_or(false);
    f.final_newline = final_newline[row_].value_or(true);
    d.files.push_back(f);
  }
}

void PackageReader::State::dataset(Rows& r) {
  TextCells format(r, "format"), own_cells(r, "own");
  const ListCells<TextColumn> layers_cells(r, "layers", "texts");
  Extras extras(r);
  if (r.size() != 1 || rows["dataset"] != 0) return r.fail("id", "expected one row");
  row_ = 0;
  d.format = format[0].value_or(std::string_view());
  d.residue = own_cells[0].value_or(std::string_view());  // in whatever words the format has
  if (layers_cells[0]) {
    d.layers = texts(r, "layers", layers_cells, 0);
    d.layers.insert(d.layers.begin(), "");
    if (d.layers.size() > 0x10000) r.fail("layers", 0, "there are more than 65535");
    for (std::size_t l = d.layers.size(); l-- > 1;) layers[d.layers[l]] = static_cast<std::uint16_t>(l);
  }
  extras.take(*this, Owner::dataset, 0, 0);
}

void PackageReader::State::category_rows(Rows& r) {
  TextCells key_cells(r, "category_id"), name_cells(r, "name"), super(r, "supercategory"), id_cells(r, "id");
  const ListCells<TextColumn> keypoints(r, "keypoints", "texts");
  const ListCells<CountLists> skeleton(r, "skeleton", "pairs of whole numbers");
  const ListCells<std::vector<std::int64_t>> flip(r, "flip", "whole numbers");
  const CountCells points(r, "points");
  const TruthCells two(r, "two");
  Extras extras(r);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    key(r, categories, "category_id", key_cells, i);
    Category c;
    c.name = name_cells[i].value_or(std::string_view());
    if (const auto text = super[i]) c.supercategory = std::string(*text);
    c.has_keypoints = keypoints[i].has_value();
    c.keypoints = texts(r, "keypoints", keypoints, i);
    if (const auto edges = skeleton[i]) {
      c.has_skeleton = true;
      const CountLists& pairs = skeleton.values();
      for (std::size_t k = edges->begin; k < edges->end; ++k) {
        const std::size_t begin = k == 0 ? 0 : pairs.ends[k - 1];
        if (pairs.ends[k] - begin != 2) return r.fail("skeleton", i, "expected pairs");
        c.skeleton.emplace_back(pairs.values[begin], pairs.values[begin + 1]);
      }
    }
    if (const auto order = flip[i])
      for (std::size_t k = order->begin; k < order->end; ++k) {
        const std::int64_t point = flip.values()[k];
        if (point < 0 || point > 0xffffffff) return r.fail("flip", i, "expected numbers of points");
        c.flip.push_back(static_cast<std::uint32_t>(point));
      }
    c.point_count = points[i].value_or(0);
    c.points_have_visibility = !two[i].value_or(false);
    id(r, d.category_ids, id_cells[i]);
    extras.take(*this, Owner::category, d.categories.size(), i);
    d.categories.push_back(std::move(c));
  }
}

void PackageReader::State::split_rows(Rows& r) {
  TextCells key_cells(r, "split_id"), name_cells(r, "name"), role(r, "role"), folder(r, "folder"), info(r, "info"),
      own_cells(r, "own");
  const CountCells origin(r, "origin"), file_cells(r, "file");
  const ListCells<TextColumn> keys(r, "keys", "texts"), listed(r, "categories", "texts");
  const ListCells<std::vector<std::int64_t>> styles(r, "styles", "whole numbers");
  Extras extras(r);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    key(r, splits, "split_id", key_cells, i);
    Split s;
    s.name = name_cells[i].value_or(std::string_view());
    if (const auto word = role[i]) {
      const auto known = named(*word, SplitRole::other);
      if (!known) return r.fail("role", i, "'" + std::string(*word) + "' is no role of a split");
      s.role = *known;
    }
    const std::uint32_t from = origin[i].value_or(0);
    if (from > static_cast<std::uint32_t>(SplitOrigin::key)) return r.fail("origin", i, "expected 0 to 4");
    s.origin = static_cast<SplitOrigin>(from);
    s.folder = folder[i].value_or(std::string_view());
    if (const auto json = info[i]) {
      json_cell(r, "info", *json);
      s.info = *json;
    }
    s.file = file(r, "file", file_cells[i]);
    s.has_annotations = s.has_categories = s.has_images = s.has_licences = false;
    for (const std::string& present : texts(r, "keys", keys, i)) {
      if (present == "annotations") s.has_annotations = true;
      if (present == "categories") s.has_categories = true;
      if (present == "images") s.has_images = true;
      if (present == "licences") s.has_licences = true;
    }
    for (const std::string& category : texts(r, "categories", listed, i))
      d.category_listings.push_back({to_index<SplitIndex>(d.splits.size()),
                                     reference<CategoryIndex>(r, categories, "categories", "categories", category)});
    if (const auto numbers = styles[i]) {
      constexpr std::size_t fields = static_cast<std::size_t>(StyledField::count);
      if (numbers->end - numbers->begin != 2 * fields) return r.fail("styles", i, "expected two numbers a field");
      for (std::size_t f = 0; f < fields; ++f) {
        const std::int64_t decimals = styles.values()[numbers->begin + 2 * f];
        if (decimals < 0 || decimals > 255) return r.fail("styles", i, "expected 0 to 255 decimals");
        s.styles[f] = {.decimals = static_cast<std::uint8_t>(decimals),
                       .fixed = styles.values()[numbers->begin + 2 * f + 1] != 0};
      }
    }
    s.residue = own(r, own_cells[i]);
    extras.take(*this, Owner::split, d.splits.size(), i);
    d.splits.push_back(std::move(s));
  }
}

void PackageReader::State::licence_rows(Rows& r) {
  TextCells key_cells(r, "licence_id"), name_cells(r, "name"), url(r, "url"), split(r, "split_id"), id_cells(r, "id");
  Extras extras(r);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    key(r, licences, "licence_id", key_cells, i);
    Licence l;
    if (const auto text = name_cells[i]) l.name = *text, l.has_name = true;
    if (const auto text = url[i]) l.url = *text, l.has_url = true;
    l.split = reference<SplitIndex>(r, splits, "split_id", "splits", split[i]);
    id(r, d.licence_ids, id_cells[i]);
    extras.take(*this, Owner::licence, d.licences.size(), i);
    d.licences.push_back(std::move(l));
  }
}

namespace {

bool same_text(Text a, Text b) { return a.begin == b.begin && a.size == b.size; }
bool same_image(const Image& a, const Image& b) {
  return same_text(a.path, b.path) && same_text(a.media, b.media) && a.width == b.width && a.height == b.height &&
         a.file == b.file && a.licence == b.licence && a.state == b.state && a.size_origin == b.size_origin;
}

}  // namespace

void PackageReader::State::sample_rows(Rows& r) {
  TextCells key_cells(r, "sample_id"), path(r, "path"), state(r, "state"), licence(r, "licence_id"), id_cells(r, "id"),
      size_origin(r, "size_origin"), media_cells(r, "media"), shard(r, "shard"), source(r, "source"),
      digest(r, "media_sha256");
  const CountCells width(r, "width"), height(r, "height"), file_cells(r, "file"), document(r, "document");
  const Cells<std::int64_t> offset(r, "offset", "whole numbers"), shard_offset(r, "shard_offset", "whole numbers"),
      media_size(r, "media_size", "whole numbers");
  Extras extras(r);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::size_t i = row_;
    key(r, samples, "sample_id", key_cells, i);
    Image image;
    image.path = d.add_text(path[i].value_or(std::string_view()));
    const auto w = width[i], h = height[i];
    const auto origin = size_origin[i];
    if (origin && *origin != "stated" && *origin != "header")
      return r.fail("size_origin", i, "expected stated or header");
    if (w || h) {
      image.width = w.value_or(0);
      image.height = h.value_or(0);
      image.size_origin = origin && *origin == "header" ? SizeOrigin::header : SizeOrigin::stated;
    }
    if (const auto word = state[i]) {
      const auto known = named(*word, ImageState::skipped);
      if (!known) return r.fail("state", i, "'" + std::string(*word) + "' is no state of an image");
      image.state = *known;
    }
    image.licence = reference<LicenceIndex>(r, licences, "licence_id", "licences", licence[i]);
    image.file = file(r, "file", file_cells[i]);
    MediaPlace place;
    if (const auto text = media_cells[i]) {
      place.path = *text;
      if (path_problem(place.path)) return r.fail("media", i, "'" + place.path + "' is no path");
      image.media = d.add_text(place.path);
    }
    if (const auto text = source[i]) place.source = *text;
    if (const auto text = shard[i]) place.shard = *text;
    if (const auto text = digest[i]) place.sha256 = *text;
    if (const auto n = media_size[i]; n && *n >= 0) place.size = static_cast<std::uint64_t>(*n);
    if (const auto n = shard_offset[i]; n && *n >= 0) place.offset = static_cast<std::uint64_t>(*n);
    media.push_back(std::move(place));
    const FileIndex stands_in = file(r, "document", document[i]);
    append_one(
        d.image_positions,
        stands_in == none<FileIndex>
            ? Position{}
            : Position::at(stands_in, static_cast<std::uint64_t>(std::max<std::int64_t>(offset[i].value_or(0), 0))));
    id(r, d.image_ids, id_cells[i]);
    extras.take(*this, Owner::image, d.images.size(), i);
    append_expected(d.images, expected == nullptr ? nullptr : &expected->images, image, same_image);
  }
}

void PackageReader::State::membership_rows(Rows& r) {
  TextCells split(r, "split_id"), sample(r, "sample_id");
  const CountCells order(r, "order");
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const Membership m{.split = reference<SplitIndex>(r, splits, "split_id", "splits", split[row_]),
                       .image = reference<ImageIndex>(r, samples, "sample_id", "samples", sample[row_]),
                       .order = order[row_].value_or(0)};
    if (m.split == none<SplitIndex>) return r.fail("split_id", row_, "a membership needs its split");
    if (m.image == none<ImageIndex>) return r.fail("sample_id", row_, "a membership needs its sample");
    append_one(d.memberships, m);
  }
}

void PackageReader::State::unread_rows(Rows& r) {
  TextCells path(r, "file"), text(r, "text");
  const CountCells order(r, "order");
  if (unread_files.empty())
    for (std::size_t f = d.files.size(); f-- > 0;)
      unread_files[std::string(d.text(d.files[f].path))] = to_index<FileIndex>(f);
  for (row_ = 0; row_ < r.size() && !r.failed(); ++row_) {
    const std::string name_of(path[row_].value_or(std::string_view()));
    auto found = unread_files.find(name_of);
    if (found == unread_files.end()) {  // of rows without files: canonical ones
      found = unread_files.emplace(name_of, to_index<FileIndex>(d.files.size())).first;
      d.files.push_back({.path = d.add_text(name_of)});
    }
    d.unread.push_back({.file = found->second,
                        .order = order[row_].value_or(0),
                        .text = d.add_text(text[row_].value_or(std::string_view()))});
  }
}

PackageReader::PackageReader() : state_(std::make_unique<State>()) {}
PackageReader::PackageReader(PackageReader&&) noexcept = default;
PackageReader::~PackageReader() = default;

void PackageReader::expect(const Dataset& written_from) {
  state_->expected = &written_from;
  Dataset& d = state_->d;
  d.texts.expect(written_from.texts);
  d.memberships.expect(written_from.memberships);
  d.images.expect(written_from.images);
  d.annotations.expect(written_from.annotations);
  d.coordinates.expect(written_from.coordinates);
  d.image_ids.numbers.expect(written_from.image_ids.numbers);
  d.annotation_ids.numbers.expect(written_from.annotation_ids.numbers);
  d.image_positions.expect(written_from.image_positions);
  d.annotation_positions.expect(written_from.annotation_positions);
  d.areas.expect(written_from.areas);
  d.scores.expect(written_from.scores);
  d.lexemes.expect(written_from.lexemes);
}

Result<void> PackageReader::add(std::string_view table, const Table& rows) {
  constexpr std::pair<std::string_view, void (State::*)(Rows&)> readers[] = {{"files", &State::files},
                                                                             {"dataset", &State::dataset},
                                                                             {"categories", &State::category_rows},
                                                                             {"splits", &State::split_rows},
                                                                             {"licences", &State::licence_rows},
                                                                             {"samples", &State::sample_rows},
                                                                             {"memberships", &State::membership_rows},
                                                                             {"annotations", &State::annotation_rows},
                                                                             {"tracks", &State::track_rows},
                                                                             {"relations", &State::relation_rows},
                                                                             {"unread", &State::unread_rows}};
  for (const auto& [name_of, read] : readers) {
    if (name_of != table) continue;
    std::uint64_t& begin = state_->rows[std::string(table)];
    Rows view(table, rows, begin);
    if (begin + view.size() > 0xfffffffe)
      return Error{Code::limit, "table " + std::string(table) + " has more rows than 32 bits count"};
    (state_.get()->*read)(view);
    VETSET_DO(view.outcome());
    begin += view.size();
    return {};
  }
  return Error{Code::malformed, "there is no table '" + std::string(table) + "' in a package"};
}

namespace {

template <class T, class Unsaid>
void drop_unsaid(Column<T>& column, Unsaid unsaid) {
  if (std::all_of(column.begin(), column.end(), unsaid)) column = {};
}
void drop_unsaid(Ids& ids) {
  drop_unsaid(ids.numbers, [](std::int64_t id) { return id == Ids::absent; });
}

}  // namespace

Result<Dataset> PackageReader::finish() {
  Dataset& d = state_->d;
  for (std::size_t f = 0; f < d.files.size(); ++f)
    if (d.files[f].split != none<SplitIndex> && to_size(d.files[f].split) >= d.splits.size())
      return Error{Code::malformed, "table files, row " + std::to_string(f + 1) + ", column split: there is no split " +
                                        std::to_string(to_size(d.files[f].split))};
  // A column that says nothing of any record is not there.
  for (Ids* ids : {&d.licence_ids, &d.category_ids, &d.image_ids, &d.annotation_ids}) drop_unsaid(*ids);
  for (Column<double>* column : {&d.areas, &d.scores}) drop_unsaid(*column, is_unstated);
  for (Column<Text>* column : {&d.authored, &d.track_ids, &d.group_ids})
    drop_unsaid(*column, [](Text text) { return text.empty(); });
  for (Column<Position>* column : {&d.image_positions, &d.annotation_positions})
    drop_unsaid(*column, [](Position at) { return !at.known(); });
  // Sparse rows come table after table, and stand by owner.
  const auto by_owner = [](const auto& a, const auto& b) {
    return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
  };
  std::stable_sort(d.residues.begin(), d.residues.end(), by_owner);
  std::stable_sort(d.attributes.begin(), d.attributes.end(), by_owner);
  const auto by_split = [](const Membership& a, const Membership& b) {
    return std::pair(a.split, a.order) < std::pair(b.split, b.order);
  };
  if (!std::is_sorted(d.memberships.begin(), d.memberships.end(), by_split)) {
    d.memberships.reserve(d.memberships.size() + 1);  // its own memory, where it showed another's
    std::stable_sort(d.memberships.begin(), d.memberships.end(), by_split);
  }
  std::stable_sort(d.unread.begin(), d.unread.end(), [](const Unread& a, const Unread& b) { return a.file < b.file; });
  std::stable_sort(d.relations.begin(), d.relations.end(),
                   [](const Relation& a, const Relation& b) { return a.from < b.from; });
  return std::move(d);
}

std::vector<MediaPlace> PackageReader::take_media() { return std::exchange(state_->media, {}); }

PackageReader PackageReader::slice() const {
  PackageReader part;
  State& s = *part.state_;
  s.layers = state_->layers;
  s.d.layers = state_->d.layers;
  for (KeyTable* keys : {&s.splits, &s.licences, &s.categories, &s.samples, &s.annotations, &s.tracks}) keys->open();
  return part;
}

Result<PackageSlice> PackageReader::finish_slice() {
  State& s = *state_;
  RowKeys keys{.splits = s.splits.take_texts(),
               .licences = s.licences.take_texts(),
               .categories = s.categories.take_texts(),
               .images = s.samples.take_texts(),
               .annotations = s.annotations.take_texts(),
               .tracks = s.tracks.take_texts()};
  VETSET_TRY(Dataset d, finish());
  return PackageSlice{std::move(d), std::move(keys)};
}

}  // namespace vetset
