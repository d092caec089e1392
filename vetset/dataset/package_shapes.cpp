#include "vetset/dataset/package_shapes.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "vetset/base/json.h"

namespace vetset {
namespace {

/// The place of a kind's column among the columns; 0: it has none.
int column_of(ShapeKind kind) {
  switch (kind) {
    case ShapeKind::polygon: return 1;
    case ShapeKind::polyline: return 2;
    case ShapeKind::mask: return 3;
    case ShapeKind::keypoints: return 4;
    case ShapeKind::numbers: return 5;
    case ShapeKind::nothing:
    case ShapeKind::raster: return 0;
  }
  return 0;
}

bool usual_rings(const Dataset& d, const Shape& shape) {
  const bool line = shape.kind == ShapeKind::polyline;
  const auto rings = d.rings_of(shape);
  return std::all_of(rings.begin(), rings.end(),
                     [&](const Ring& ring) { return ring.closed != line && !(line && ring.role == RingRole::hole); });
}

Error wrong(std::string words) { return Error{Code::malformed, std::move(words)}; }

std::optional<std::uint32_t> whole(JsonCursor& in) {
  const NumberText n = in.read_number();
  if (in.failed() || !n.fits_int64 || n.whole < 0 || n.whole > std::numeric_limits<std::uint32_t>::max()) return {};
  return static_cast<std::uint32_t>(n.whole);
}

/// What one shape of the list says, before it is known which kind it is.
struct Said {
  std::string kind, counts;
  std::vector<std::vector<double>> rings;
  std::vector<double> numbers;
  std::vector<std::uint32_t> holes, open, closed, size;
  bool two = false;
};

void read_numbers(JsonCursor& in, std::vector<double>& out) {
  for (in.enter_array(); in.next_element();) out.push_back(read_canonical_number(in));
}
bool read_wholes(JsonCursor& in, std::vector<std::uint32_t>& out) {
  for (in.enter_array(); in.next_element();) {
    const auto number = whole(in);
    if (!number) return false;
    out.push_back(*number);
  }
  return true;
}

Result<Said> read_shape(JsonCursor& in) {
  Said said;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    bool good = true;
    if (key == "kind")
      said.kind = in.read_string();
    else if (key == "counts")
      said.counts = in.read_string();
    else if (key == "numbers")
      read_numbers(in, said.numbers);
    else if (key == "rings")
      for (in.enter_array(); in.next_element();) read_numbers(in, said.rings.emplace_back());
    else if (key == "holes")
      good = read_wholes(in, said.holes);
    else if (key == "open")
      good = read_wholes(in, said.open);
    else if (key == "closed")
      good = read_wholes(in, said.closed);
    else if (key == "size")
      good = read_wholes(in, said.size);
    else if (key == "two")
      said.two = in.read_bool();
    else
      return wrong("a shape has the key '" + key + "', which no shape has");
    if (!good) return wrong("'" + key + "' of a shape are not whole numbers from 0");
    if (in.failed()) return wrong("a shape: " + in.error_text());
  }
  if (in.failed()) return wrong("a shape: " + in.error_text());
  return said;
}

Result<Shape> take_rings(Dataset& d, const Said& said, ShapeKind kind) {
  Shape shape{.begin = d.rings.size(), .count = static_cast<std::uint32_t>(said.rings.size()), .kind = kind};
  const auto named = [](const std::vector<std::uint32_t>& numbers, std::size_t ring) {
    return std::find(numbers.begin(), numbers.end(), static_cast<std::uint32_t>(ring)) != numbers.end();
  };
  for (const auto* numbers : {&said.holes, &said.open, &said.closed})
    for (const std::uint32_t ring : *numbers)
      if (ring >= said.rings.size())
        return wrong("a shape of " + std::to_string(said.rings.size()) + " rings names ring " + std::to_string(ring));
  for (std::size_t r = 0; r < said.rings.size(); ++r) {
    d.rings.push_back({.begin = d.coordinates.size(),
                       .count = static_cast<std::uint32_t>(said.rings[r].size()),
                       .role = named(said.holes, r) ? RingRole::hole : RingRole::outer,
                       .closed = kind == ShapeKind::polyline ? named(said.closed, r) : !named(said.open, r)});
    d.coordinates.append(said.rings[r]);
  }
  return shape;
}

Result<Shape> take_shape(Dataset& d, const Said& said) {
  if (said.kind == "polygon") return take_rings(d, said, ShapeKind::polygon);
  if (said.kind == "polyline") return take_rings(d, said, ShapeKind::polyline);
  if (said.kind == "nothing") return Shape{};
  if (said.kind == "mask") {
    if (said.size.size() != 2) return wrong("the size of a mask is not [height,width]");
    return take_mask(d, said.size[0], said.size[1], said.counts);
  }
  for (const ShapeKind kind : {ShapeKind::keypoints, ShapeKind::numbers, ShapeKind::raster}) {
    if (said.kind != name(kind)) continue;
    const Shape shape{.begin = d.coordinates.size(),
                      .count = static_cast<std::uint32_t>(said.numbers.size()),
                      .kind = kind,
                      .two = said.two};
    d.coordinates.append(said.numbers);
    return shape;
  }
  return wrong("a shape is of the kind '" + said.kind + "', which is not known");
}

}  // namespace

bool columns_say_shapes(const Dataset& d, const Annotation& a) {
  int last = 0;
  for (ShapeIndex i = a.shape; i != none<ShapeIndex>; i = d[i].next) {
    const Shape& shape = d[i];
    const int column = column_of(shape.kind);
    if (column <= last) return false;
    last = column;
    const bool rings = shape.kind == ShapeKind::polygon || shape.kind == ShapeKind::polyline;
    if (rings && !usual_rings(d, shape)) return false;
    if (shape.two && shape.kind != ShapeKind::keypoints) return false;
  }
  return true;
}

std::optional<std::string> spelling_of(const Dataset& d, AnnotationIndex i) {
  const auto lexemes = d.lexemes.empty() ? std::span<const Lexeme>() : d.lexemes_of(i);
  std::vector<Spelling> shapes;
  for (ShapeIndex s = d[i].shape; s != none<ShapeIndex>; s = d[s].next) shapes.push_back(d[s].spelling);
  const bool unusual = std::any_of(shapes.begin(), shapes.end(), [](Spelling s) { return s != Spelling::usual; });
  if (lexemes.empty() && !unusual) return std::nullopt;
  std::string json;
  JsonWriter w(json);
  w.begin_object();
  if (!lexemes.empty()) {
    w.key("lexemes").begin_array();
    for (const Lexeme& lexeme : lexemes)
      w.begin_array()
          .value(static_cast<std::uint32_t>(lexeme.field))
          .value(lexeme.slot)
          .value(d.text(lexeme.text))
          .end_array();
    w.end_array();
  }
  if (unusual) {
    w.key("shapes").begin_array();
    for (const Spelling spelling : shapes) w.value(static_cast<std::uint32_t>(spelling));
    w.end_array();
  }
  w.end_object();
  return json;
}

Shape& ShapeChain::add(Shape shape) {
  const auto index = to_index<ShapeIndex>(d_.shapes.size());
  (last_ == none<ShapeIndex> ? a_.shape : d_.shapes[to_size(last_)].next) = index;
  last_ = index;
  d_.shapes.push_back(shape);
  return d_.shapes.back();
}

Result<Shape> take_mask(Dataset& d, std::uint64_t height, std::uint64_t width, std::string_view coco_string) {
  if (height > std::numeric_limits<std::uint32_t>::max() || width > std::numeric_limits<std::uint32_t>::max())
    return wrong("a mask of " + std::to_string(height) + "x" + std::to_string(width) + " is too large");
  VETSET_TRY(const Runs runs,
             runs_of_coco_string(coco_string, static_cast<std::uint32_t>(height), static_cast<std::uint32_t>(width)));
  const Shape shape{.begin = d.masks.size(), .count = 1, .kind = ShapeKind::mask};
  d.masks.push_back({.begin = d.runs.size(),
                     .count = static_cast<std::uint32_t>(runs.counts.size()),
                     .height = runs.height,
                     .width = runs.width});
  d.runs.append(runs.counts);
  return shape;
}

Result<void> take_shapes(Dataset& d, Annotation& a, std::string_view json) {
  JsonCursor in(json);
  ShapeChain chain(d, a);
  for (in.enter_array(); in.next_element();) {
    VETSET_TRY(const Said said, read_shape(in));
    VETSET_TRY(const Shape shape, take_shape(d, said));
    chain.add(shape);
  }
  if (in.failed() || !in.at_end()) return wrong("the shapes are no list: " + in.error_text());
  return {};
}

namespace {

bool same_lexeme(const Lexeme& a, const Lexeme& b) {
  return a.annotation == b.annotation && a.field == b.field && a.slot == b.slot && a.text.begin == b.text.begin &&
         a.text.size == b.text.size;
}

}  // namespace

Result<void> take_spelling(Dataset& d, AnnotationIndex i, std::string_view json, const Dataset* expected) {
  JsonCursor in(json);
  const auto fault = [&] { return wrong("expected {\"lexemes\":[[field,slot,text],…],\"shapes\":[spelling,…]}"); };
  for (in.enter_object(); in.next_member();) {
    if (in.key() == "lexemes") {
      for (in.enter_array(); in.next_element();) {
        in.enter_array();
        const auto field = in.next_element() ? whole(in) : std::nullopt;
        const auto slot = in.next_element() ? whole(in) : std::nullopt;
        if (!field || !slot || *field >= static_cast<std::uint32_t>(StyledField::count) || !in.next_element())
          return fault();
        const Text text = d.add_text(in.read_string());
        if (in.next_element()) return fault();
        const Lexeme lexeme{.annotation = i, .field = static_cast<StyledField>(*field), .slot = *slot, .text = text};
        append_expected(d.lexemes, expected == nullptr ? nullptr : &expected->lexemes, lexeme, same_lexeme);
      }
    } else if (in.key() == "shapes") {
      ShapeIndex shape = d[i].shape;
      for (in.enter_array(); in.next_element();) {
        const auto spelling = whole(in);
        if (!spelling || *spelling > static_cast<std::uint32_t>(Spelling::integers) || shape == none<ShapeIndex>)
          return fault();
        d.shapes[to_size(shape)].spelling = static_cast<Spelling>(*spelling);
        shape = d[shape].next;
      }
    } else {
      in.skip();  // of a later vetset: how things are spelled is no part of what they say
    }
  }
  return in.failed() || !in.at_end() ? fault() : Result<void>();
}

double read_canonical_number(JsonCursor& in) {
  if (in.type() != JsonType::object) return in.read_number().value;
  in.enter_object();
  if (!in.next_member() || in.key() != "$num") {
    in.fail("expected a number");
    return 0;
  }
  const std::string_view word = in.read_string();
  const double infinity = std::numeric_limits<double>::infinity();
  double value = 0;
  if (word == "NaN")
    value = std::numeric_limits<double>::quiet_NaN();
  else if (word == "Infinity")
    value = infinity;
  else if (word == "-Infinity")
    value = -infinity;
  else if (word == "-0")
    value = -0.0;
  else
    in.fail("expected NaN, Infinity, -Infinity or -0");
  if (in.next_member()) in.fail("expected the end of a number");
  return value;
}

}  // namespace vetset
