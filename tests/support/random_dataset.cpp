#include "tests/support/random_dataset.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "tests/support/random.h"
#include "vetset/base/json.h"
#include "vetset/base/tree.h"

namespace vetset {
namespace {

using Style = RandomOptions::Style;

constexpr std::string_view words[] = {"car",       "Person", "traffic light", "été",  "自転車", "a\"b",  "x\\y",
                                      "tab\there", "🚲",     "null",          "Car ", "0",      "naïve", "line\nbreak"};
constexpr std::string_view plain_words[] = {"car", "person", "bicycle", "dog", "sign"};
constexpr std::string_view json_values[] = {"null",
                                            "true",
                                            "\"a word\"",
                                            "[1,2.50,{\"k\":[]}]",
                                            "1e400",
                                            "-0",
                                            "5.0",
                                            "{\"b\":1,\"a\":\"é\"}",
                                            "12345678901234567890",
                                            "\"\\ud83d\\ude80\"",
                                            "\"\"",
                                            "[]",
                                            "0.1"};

class Maker {
 public:
  Maker(std::uint64_t seed, RandomOptions options)
      : random_(seed * 4 + static_cast<std::uint64_t>(options.style)), options_(options) {}

  Dataset make() && {
    d_.format = yolo() ? "yolo" : tags() ? "imagefolder" : style(Style::everything) ? "" : "coco";
    make_layers();
    oriented_ = yolo() && once_in(4);
    if (oriented_ && once_in(2)) d_.residue = "task: obb\n";
    make_splits();
    make_categories();
    make_licences();
    make_images();
    make_memberships();
    tags() ? make_tags() : make_annotations();
    if (everything()) make_tracks_and_relations();
    make_sparse_of_small_tables();
    sort_sparse();
    return std::move(d_);
  }

 private:
  bool style(Style style) const { return options_.style == style; }
  bool everything() const { return style(Style::everything); }
  bool plain() const { return style(Style::plain); }
  bool yolo() const { return style(Style::yolo); }
  bool coco() const { return style(Style::coco); }
  bool tags() const { return style(Style::tags); }
  bool rich() const { return everything() || coco(); }
  bool once_in(std::uint32_t times) { return random_.once_in(times); }

  template <std::size_t count>
  std::string_view one_of(const std::string_view (&list)[count]) {
    return list[random_.below(count)];
  }
  std::string word() { return std::string(rich() ? one_of(words) : one_of(plain_words)); }
  Text json_value() { return d_.add_text(one_of(json_values)); }
  std::string json_object() {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (std::uint32_t n = random_.between(1, 3), k = 0; k < n; ++k)
      json.key("x_" + word() + std::to_string(k)).raw(one_of(json_values));
    json.end_object();
    return out;
  }
  Tristate tristate() { return static_cast<Tristate>(random_.below(3)); }

  /// A place along a side: whole, with two decimals, any double, or (rarely) what only faulty data have.
  double place(double side) {
    if (everything() && once_in(60)) {
      constexpr double odd[] = {-0.0, 1e-7, 1e21, 5e-324, -3.5, 1.7976931348623157e308};
      return odd[random_.below(6)];
    }
    const double at = random_.unit() * side;
    if (plain() || once_in(3)) return std::floor(at);
    return once_in(2) ? std::round(at * 100) / 100 : at;
  }

  /// Ids of one table: whole numbers in some order, or with odd ones, repeated ones and missing ones among them.
  void make_ids(Ids& ids, std::size_t records) {
    if (records == 0 || (everything() && once_in(4))) return;
    const std::int64_t first = static_cast<std::int64_t>(random_.below(3)) * 1000;
    const bool odd = everything() && once_in(3);
    for (std::size_t i = 0; i < records; ++i) {
      ids.numbers.push_back(first + static_cast<std::int64_t>(i * 2));
      if (!odd) continue;
      switch (random_.below(12)) {
        case 0: ids.numbers[i] = Ids::absent; break;
        case 1: ids.numbers[i] = first; break;
        case 2: ids.numbers[i] = 9007199254740993 + static_cast<std::int64_t>(i); break;
        case 3: add_token(ids, i, "\"" + std::to_string(first) + "\""); break;
        case 4: add_token(ids, i, "\"ä" + std::to_string(i) + "\\u0041\""); break;
        case 5: add_token(ids, i, "1234567890123456789" + std::to_string(i)); break;
        case 6: add_token(ids, i, std::to_string(i) + ".0"); break;
        case 7: add_token(ids, i, "\"~0123\""); break;
        case 8: add_token(ids, i, "null"); break;
        default: break;
      }
    }
  }
  void add_token(Ids& ids, std::size_t i, const std::string& json) {
    ids.numbers[i] = Ids::odd;
    ids.tokens.push_back({.owner = static_cast<std::uint32_t>(i), .json = d_.add_text(json)});
  }

  void make_layers() {
    if (!everything() || once_in(2)) return;
    d_.layers = {"", "anna", "model v2"};
  }

  void make_splits() {
    const std::uint32_t count = plain() ? 1 : random_.below(4) + (yolo() ? 1U : 0U);
    constexpr std::string_view names[] = {"train", "valid", "test", "pool"};
    for (std::uint32_t s = 0; s < count; ++s) {
      Split split{.name = std::string(names[s % 4])};
      if (everything() && once_in(5)) split.name = "train";  // two documents of one name
      split.role = split_role(split.name);
      split.origin = yolo() ? SplitOrigin::key : SplitOrigin::file;
      if (tags()) {
        split.origin = SplitOrigin::folder;
      } else if (!yolo()) {
        split.file = to_index<FileIndex>(d_.files.size());
        // A document is named by its split, as readers have it; two of one name are numbered.
        const bool again =
            std::any_of(d_.splits.begin(), d_.splits.end(), [&](const Split& o) { return o.name == split.name; });
        const std::string number = again ? "_" + std::to_string(s) : "";
        d_.files.push_back({.path = d_.add_text("annotations/instances_" + split.name + number + ".json"),
                            .split = to_index<SplitIndex>(s),
                            .final_newline = once_in(2)});
        split.has_categories = true;
        split.has_licences = rich() && once_in(2);
        split.styles[0].decimals = static_cast<std::uint8_t>(random_.below(3));
      } else if (once_in(2)) {
        split.folder = "images/" + split.name;
      }
      if (rich() && once_in(2)) split.info = json_object();
      if (rich() && once_in(3)) split.residue = json_object();
      d_.splits.push_back(split);
    }
    if (everything() && once_in(3)) d_.residue = json_object();
  }

  void make_categories() {
    const std::uint32_t count = random_.below(5) + (everything() ? 0U : 1U);
    const bool points = !plain() && once_in(3);
    const bool one_flip = points && once_in(2);  // data.yaml has one mirror order for all classes
    for (std::uint32_t c = 0; c < count; ++c) {
      Category category{.name = everything() ? word() : std::string(plain_words[c])};
      if (!yolo() && once_in(2)) category.supercategory = once_in(4) ? "" : word();
      if (points && rich()) {
        category.has_keypoints = true;
        category.keypoints = {"nose", "left eye", "right eye"};
        category.has_skeleton = once_in(2);
        if (category.has_skeleton) category.skeleton = {{1, 2}, {2, 3}};
      }
      if (points && yolo()) {
        category.point_count = 3;
        category.points_have_visibility = true;
      }
      if (points && (yolo() ? one_flip : once_in(2))) category.flip = {0, 2, 1};
      d_.categories.push_back(category);
    }
    if (yolo()) {
      for (std::uint32_t c = 0; c < count; ++c) d_.category_ids.numbers.push_back(c);
    } else if (!tags()) {
      make_ids(d_.category_ids, count);
    }
    // Only a dataset that no document says may leave out what its annotations name.
    if (everything() && count > 0 && once_in(3))
      for (std::uint32_t s = 0; s < d_.splits.size(); ++s)
        for (std::uint32_t c = 0; c < count; ++c)
          if (once_in(2)) d_.category_listings.push_back({SplitIndex{s}, CategoryIndex{c}});
  }

  void make_licences() {
    if (!rich() || once_in(2)) return;
    for (std::uint32_t n = random_.between(1, 2); n > 0; --n) {
      Licence licence{.has_name = !once_in(4), .has_url = once_in(2)};
      if (licence.has_name) licence.name = word();
      if (licence.has_url) licence.url = "https://example.org/licence";
      if (!d_.splits.empty()) licence.split = SplitIndex{random_.below(static_cast<std::uint32_t>(d_.splits.size()))};
      d_.licences.push_back(licence);
    }
    make_ids(d_.licence_ids, d_.licences.size());
  }

  std::string path(std::uint32_t i) {
    if (!rich() || !once_in(3)) return "img_" + std::to_string(i) + ".jpg";
    constexpr std::string_view folders[] = {"a/b/", "Ordner mit Leerzeichen/", "データ/", "e\u0301/", "É/"};
    if (everything() && once_in(8)) return "img_0.jpg";  // a path that another image may have too
    if (everything() && once_in(20)) return "not\xffutf8" + std::to_string(i) + ".png";
    return std::string(one_of(folders)) + std::to_string(i) + ".png";
  }

  void make_images() {
    const std::uint32_t count = random_.below(options_.images + 1);
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string name = yolo() ? "images/" + path(i) : path(i);
      Image image{.path = d_.add_text(name), .width = random_.between(1, 640), .height = random_.between(1, 480)};
      image.size_origin = yolo() ? SizeOrigin::header : SizeOrigin::stated;
      if (everything() && once_in(6)) {
        image.size_origin = once_in(2) ? SizeOrigin::header : SizeOrigin::none;
        if (image.size_origin == SizeOrigin::none) image.width = image.height = 0;
      }
      if (once_in(2)) image.media = image.path;
      if (!d_.licences.empty() && once_in(2))
        image.licence = LicenceIndex{random_.below(static_cast<std::uint32_t>(d_.licences.size()))};
      if (everything()) image.state = static_cast<ImageState>(random_.below(5));
      if (yolo() && !once_in(4)) {
        image.file = to_index<FileIndex>(d_.files.size());
        d_.files.push_back({.path = d_.add_text("labels/" + std::string(stem_of(base_name(name))) + ".txt"),
                            .crlf = once_in(4),
                            .final_newline = !once_in(4)});
      }
      d_.images.push_back(image);
    }
    if (!yolo() && !tags()) make_ids(d_.image_ids, count);
    if (!yolo() && !d_.files.empty() && once_in(2))
      for (std::uint32_t i = 0; i < count; ++i)
        d_.image_positions.push_back(Position::at(FileIndex{0}, 100 * std::uint64_t{i}));
  }

  void make_memberships() {
    for (std::uint32_t s = 0; s < d_.splits.size(); ++s) {
      std::uint32_t order = 0;
      for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
        const bool home = i % d_.splits.size() == s;
        const bool member = everything() ? (home ? !once_in(10) : once_in(5)) : home;
        if (!member) continue;
        d_.memberships.push_back({SplitIndex{s}, ImageIndex{i}, order++});
        if (!yolo() && !tags() && d_.images[i].file == none<FileIndex>) d_.images[i].file = d_.splits[s].file;
      }
    }
  }

  // Shapes.
  Shape& add_shape(Annotation& a, ShapeKind kind, std::size_t begin, std::size_t count) {
    const auto index = to_index<ShapeIndex>(d_.shapes.size());
    ShapeIndex* last = &a.shape;
    while (*last != none<ShapeIndex>) last = &d_.shapes[to_size(*last)].next;
    *last = index;
    d_.shapes.push_back({.begin = begin, .count = static_cast<std::uint32_t>(count), .kind = kind});
    return d_.shapes.back();
  }
  void add_ring(const Image& image, std::uint32_t points, RingRole role, bool closed) {
    d_.rings.push_back({.begin = d_.coordinates.size(), .count = 2 * points, .role = role, .closed = closed});
    for (std::uint32_t p = 0; p < points; ++p) {
      d_.coordinates.push_back(place(image.width));
      d_.coordinates.push_back(place(image.height));
    }
  }
  void add_polygon(Annotation& a, const Image& image) {
    const std::size_t begin = d_.rings.size();
    const bool faulty = everything() && once_in(10);
    for (std::uint32_t n = once_in(3) ? 2 : 1; n > 0; --n)
      add_ring(image, faulty ? random_.below(3) : random_.between(3, 7), RingRole::outer, true);
    if (everything() && once_in(4)) add_ring(image, 3, RingRole::hole, true);
    add_shape(a, ShapeKind::polygon, begin, d_.rings.size() - begin);
  }
  void add_polyline(Annotation& a, const Image& image) {
    add_ring(image, random_.between(2, 5), RingRole::outer, once_in(4));
    add_shape(a, ShapeKind::polyline, d_.rings.size() - 1, 1);
  }
  void add_mask(Annotation& a, const Image& image) {
    Mask mask{.begin = d_.runs.size(), .height = image.height, .width = image.width};
    std::uint64_t left = std::uint64_t{mask.height} * mask.width;
    for (std::uint32_t n = random_.below(8); n > 0 && left > 0; --n) {
      const std::uint32_t run = random_.below(static_cast<std::uint32_t>(left) + 1);
      d_.runs.push_back(run);
      left -= run;
    }
    d_.runs.push_back(static_cast<std::uint32_t>(left));
    mask.count = static_cast<std::uint32_t>(d_.runs.size() - mask.begin);
    d_.masks.push_back(mask);
    add_shape(a, ShapeKind::mask, d_.masks.size() - 1, 1).spelling =
        once_in(2) ? Spelling::counts_list : Spelling::counts_string;
  }
  void add_keypoints(Annotation& a, const Image& image) {
    const std::size_t begin = d_.coordinates.size();
    const bool two = everything() && once_in(3);
    for (int p = 0; p < 3; ++p) {
      d_.coordinates.push_back(place(image.width));
      d_.coordinates.push_back(place(image.height));
      if (!two) d_.coordinates.push_back(random_.below(3));
    }
    add_shape(a, ShapeKind::keypoints, begin, d_.coordinates.size() - begin).two = two;
  }
  void add_numbers(Annotation& a, const Image& image, ShapeKind kind, std::uint32_t count) {
    const std::size_t begin = d_.coordinates.size();
    for (std::uint32_t n = 0; n < count; ++n) d_.coordinates.push_back(place(n % 2 == 0 ? image.width : image.height));
    add_shape(a, kind, begin, count);
  }

  /// A shape or none, and the kind that goes with it.
  void make_shape(Annotation& a, const Image& image) {
    a.kind = Kind::box;
    if (plain() || once_in(4)) return;
    switch (random_.below(everything() ? 11 : 4)) {
      case 0:
        a.kind = Kind::polygon;
        add_polygon(a, image);
        if (everything() && once_in(5)) add_mask(a, image);
        return;
      case 1:
        a.kind = Kind::mask;
        a.flags.set(Flag::crowd, once_in(2));
        add_mask(a, image);
        if (everything() && once_in(2)) add_mask(a, image);
        if (everything() && once_in(5)) add_polygon(a, image);
        return;
      case 2:
        a.kind = Kind::keypoints;
        if (once_in(2)) add_polygon(a, image);
        return add_keypoints(a, image);
      case 3: return;
      case 4: a.kind = Kind::polyline; return add_polyline(a, image);
      case 5: a.kind = Kind::rotated_box; return add_numbers(a, image, ShapeKind::numbers, 5);
      case 6: a.kind = Kind::quad; return add_numbers(a, image, ShapeKind::numbers, 8);
      case 7: a.kind = Kind::ellipse; return add_numbers(a, image, ShapeKind::numbers, 4);
      case 8: a.kind = Kind::segment; return add_numbers(a, image, ShapeKind::raster, 1);
      case 9:
        add_shape(a, ShapeKind::nothing, 0, 0).spelling = once_in(2) ? Spelling::null : Spelling::empty_list;
        return;
      default: a.kind = static_cast<Kind>(random_.below(18));
    }
  }

  void make_annotations() {
    std::vector<std::uint32_t> next_order(d_.files.size() + 1);
    for (std::uint32_t i = 0; i < d_.images.size(); ++i) {
      const Image image = d_.images[i];
      if (yolo() && image.file == none<FileIndex>) continue;
      std::uint32_t& order = next_order[image.file == none<FileIndex> ? d_.files.size() : to_size(image.file)];
      for (std::uint32_t n = once_in(5) ? 0 : random_.below(options_.annotations + 1); n > 0; --n) {
        Annotation a{.image = ImageIndex{i}, .order = order++};
        if (!d_.categories.empty())
          a.category = CategoryIndex{random_.below(static_cast<std::uint32_t>(d_.categories.size()))};
        yolo() ? make_yolo_row(a, image) : make_row(a, image);
        if (yolo() && once_in(15))
          d_.unread.push_back({.file = image.file, .order = order++, .text = d_.add_text("0 0.5 nonsense")});
      }
    }
    if (rich() && !d_.images.empty() && once_in(3)) {  // back to the first image
      const Image first = d_.images[0];
      std::uint32_t& order = next_order[first.file == none<FileIndex> ? d_.files.size() : to_size(first.file)];
      Annotation late{.image = ImageIndex{0}, .order = order++};
      if (!d_.categories.empty()) late.category = CategoryIndex{0};
      make_row(late, first);
    }
    if (everything() && once_in(4)) make_row(Annotation{}, Image{.width = 9, .height = 9});
    if (!yolo()) make_ids(d_.annotation_ids, d_.annotations.size());
    if (everything()) make_dense();
  }

  /// The class of each image; its folder may say otherwise.
  void make_tags() {
    for (std::uint32_t i = 0; i < d_.images.size(); ++i)
      for (std::uint32_t n = once_in(10) ? random_.below(4) : 1; n > 0 && !d_.categories.empty(); --n) {
        const auto category = CategoryIndex{random_.below(static_cast<std::uint32_t>(d_.categories.size()))};
        d_.annotations.push_back({.image = ImageIndex{i}, .category = category, .kind = Kind::tag, .order = i});
      }
  }

  void make_row(Annotation a, const Image& image) {
    const auto index = to_index<AnnotationIndex>(d_.annotations.size());
    if (everything() && once_in(12)) {
      a.image = none<ImageIndex>;
      d_.dangling.push_back({index, Owner::image, json_value()});
    }
    if (everything() && once_in(12)) {
      a.category = none<CategoryIndex>;
      d_.dangling.push_back({index, Owner::category, json_value()});
    }
    make_shape(a, image);
    if (everything() && once_in(6)) {
      a.box_origin = Origin::none;
    } else {
      a.box_origin = Origin::stated;
      a.box = {place(image.width), place(image.height), place(image.width), place(image.height)};
      if (everything() && once_in(6)) a.box_origin = Origin::derived;
    }
    if (everything())
      for (unsigned f = 0; f < flag_count; ++f)
        if (once_in(4)) a.flags.set(static_cast<Flag>(f), tristate());
    if (coco()) a.flags.set(Flag::crowd, a.flags.is(Flag::crowd));
    if (!d_.layers.empty()) a.layer = static_cast<std::uint16_t>(random_.below(3));
    if (rich()) d_.areas.push_back(everything() && once_in(5) ? unstated() : place(image.width));
    d_.annotations.push_back(a);
    make_sparse(index);
  }

  void make_sparse(AnnotationIndex index) {
    const auto i = static_cast<std::uint32_t>(index);
    if (rich() && once_in(6)) d_.residues.push_back({Owner::annotation, i, d_.add_text(json_object())});
    if (!everything()) return;
    for (std::uint32_t n = once_in(3) ? random_.between(1, 3) : 0; n > 0; --n)
      d_.attributes.push_back({Owner::annotation, i, d_.add_text(word()), json_value()});
    for (std::uint32_t n = once_in(5) ? random_.between(1, 2) : 0; n > 0; --n)
      d_.text_rows.push_back({index, static_cast<TextRole>(random_.below(7)), d_.add_text(word())});
    if (once_in(8))
      d_.lexemes.push_back({.annotation = index, .field = StyledField::area, .text = d_.add_text("1.50e1")});
  }

  void make_yolo_row(Annotation a, const Image& image) {
    std::string row = std::to_string(static_cast<std::uint32_t>(a.category));
    std::vector<double> fractions;
    const bool polygon = oriented_ || once_in(3);
    const std::uint32_t count = oriented_ ? 8 : polygon ? 2 * random_.between(3, 6) : 4;
    for (std::uint32_t n = 0; n < count; ++n) {
      fractions.push_back(std::round(random_.unit() * 1e6) / 1e6);
      row += ' ';
      append_number(row, fractions.back());
    }
    a.kind = oriented_ ? Kind::quad : polygon ? Kind::polygon : Kind::box;
    const double w = image.width, h = image.height;
    if (oriented_) {
      const std::size_t begin = d_.coordinates.size();
      for (std::uint32_t n = 0; n < count; ++n) d_.coordinates.push_back(fractions[n] * (n % 2 == 0 ? w : h));
      add_shape(a, ShapeKind::numbers, begin, count);
      a.box = shape_box(d_, a).value_or(Box{});
      a.box_origin = Origin::derived;
    } else if (polygon) {
      d_.rings.push_back({.begin = d_.coordinates.size(), .count = count});
      for (std::uint32_t n = 0; n < count; ++n) d_.coordinates.push_back(fractions[n] * (n % 2 == 0 ? w : h));
      add_shape(a, ShapeKind::polygon, d_.rings.size() - 1, 1);
      a.box = shape_box(d_, a).value_or(Box{});
      a.box_origin = Origin::derived;
    } else {
      const double width = fractions[2] * w, height = fractions[3] * h;  // to the bit as the reader computes it
      a.box = {fractions[0] * w - width / 2, fractions[1] * h - height / 2, width, height};
      a.box_origin = Origin::stated;
    }
    d_.annotations.push_back(a);
    d_.authored.push_back(d_.add_text(row));
  }

  void make_dense() {
    const std::size_t count = d_.annotations.size();
    if (once_in(2))
      for (std::size_t i = 0; i < count; ++i) d_.scores.push_back(once_in(4) ? unstated() : random_.unit());
    if (once_in(3))
      for (std::size_t i = 0; i < count; ++i) d_.track_ids.push_back(once_in(2) ? Text{} : json_value());
    if (once_in(3))
      for (std::size_t i = 0; i < count; ++i) d_.group_ids.push_back(once_in(2) ? Text{} : json_value());
    if (once_in(2)) d_.areas.clear();
    if (once_in(4)) {
      d_.authored = Column<Text>(count);
      for (std::size_t i = 0; i < count; ++i) {
        if (once_in(2)) continue;
        d_.authored[i] = d_.add_text(once_in(3) ? "3 .5 0.50 x1 1e-3" : "0 0.5 0.5 0.25 0.125");
        if (!once_in(3)) continue;
        d_.annotations[i].box_origin = Origin::unplaced;
        d_.annotations[i].box = {};
      }
    }
    if (!d_.files.empty() && once_in(2))
      for (std::size_t i = 0; i < count; ++i)
        d_.annotation_positions.push_back(once_in(9) ? Position{} : Position::at(FileIndex{0}, 64 * i));
    if (!d_.files.empty() && once_in(3))
      d_.unread.push_back({.file = FileIndex{0}, .order = 7, .text = d_.add_text("# a line\twith \xfe bytes")});
  }

  void make_tracks_and_relations() {
    const auto count = static_cast<std::uint32_t>(d_.annotations.size());
    if (once_in(3))
      for (std::uint32_t t = 0, n = random_.between(1, 3); t < n; ++t) {
        Track track{.id = once_in(4) ? Text{} : json_value()};
        if (!d_.categories.empty() && once_in(2)) track.category = CategoryIndex{0};
        if (!d_.images.empty() && once_in(2)) track.video = ImageIndex{0};
        d_.tracks.push_back(track);
        for (std::uint32_t s = random_.below(3), frame = 0; s > 0; --s) {
          TrackState state{.track = TrackIndex{t}, .frame = frame++, .keyframe = tristate(), .outside = tristate()};
          if (count > 0 && once_in(2)) state.annotation = AnnotationIndex{random_.below(count)};
          d_.track_states.push_back(state);
        }
      }
    if (count > 0 && once_in(3))
      for (std::uint32_t from = 0; from < std::min(count, 3U); ++from)
        d_.relations.push_back({.from = AnnotationIndex{from},
                                .to = AnnotationIndex{random_.below(count)},
                                .type = d_.add_text(once_in(3) ? std::string() : word()),
                                .directed = once_in(2)});
  }

  void make_sparse_of_small_tables() {
    if (!rich()) return;
    const auto some = [&](Owner owner, std::size_t count) {
      for (std::uint32_t i = 0; i < count; ++i) {
        if (once_in(5)) d_.residues.push_back({owner, i, d_.add_text(json_object())});
        if (everything() && once_in(6)) d_.attributes.push_back({owner, i, d_.add_text(word()), json_value()});
        if (owner == Owner::image && everything() && once_in(6))
          d_.attributes.push_back({owner, i, d_.add_text("imagesource"), d_.add_text("\"GoogleEarth\"")});
      }
    };
    some(Owner::licence, d_.licences.size());
    some(Owner::category, d_.categories.size());
    some(Owner::image, d_.images.size());
    if (!everything()) return;
    some(Owner::dataset, 1);
    some(Owner::split, d_.splits.size());
    some(Owner::track, d_.tracks.size());
  }

  void sort_sparse() {
    const auto by_owner = [](const auto& a, const auto& b) {
      return std::pair(a.owner, a.index) < std::pair(b.owner, b.index);
    };
    std::stable_sort(d_.residues.begin(), d_.residues.end(), by_owner);
    std::stable_sort(d_.attributes.begin(), d_.attributes.end(), by_owner);
    std::stable_sort(d_.unread.begin(), d_.unread.end(),
                     [](const Unread& a, const Unread& b) { return a.file < b.file; });
  }

  Random random_;
  RandomOptions options_;
  Dataset d_;
  bool oriented_ = false;  // rows of four corners
};

}  // namespace

Dataset random_dataset(std::uint64_t seed, RandomOptions options) { return Maker(seed, options).make(); }

}  // namespace vetset
