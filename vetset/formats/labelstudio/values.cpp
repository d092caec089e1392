// The value of one result: what it draws, in pixels. Coordinates are percents of the image; a rectangle turns clockwise
// about the corner that is top-left before it turns, which is where x and y are.
#include <algorithm>
#include <cmath>

#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset::labelstudio_parts {
namespace {

constexpr double pi = 3.14159265358979323846;

/// What the members of a value say, before anything is made of it.
struct Said {
  std::optional<double> x, y, width, height, rotation, radius_x, radius_y;
  std::optional<std::vector<double>> points;
  std::vector<std::uint8_t> rle;
  std::vector<std::string> labels;
  std::string labels_key;
  bool closed = true, has_rle = false;
};

std::optional<double> number_in(JsonCursor& in) {
  if (in.type() != JsonType::number) {
    in.skip();
    return std::nullopt;
  }
  const std::uint32_t odd = in.odd_numbers();
  const NumberText n = in.read_number();
  return in.odd_numbers() == odd && std::isfinite(n.value) ? std::optional(n.value) : std::nullopt;
}

std::vector<std::string> strings_in(JsonCursor& in) {
  std::vector<std::string> all;
  if (in.type() == JsonType::string) return {std::string(in.read_string())};
  if (in.type() != JsonType::array) {
    in.skip();
    return all;
  }
  for (in.enter_array(); in.next_element();) {
    if (in.type() == JsonType::string)
      all.emplace_back(in.read_string());
    else
      in.skip();
  }
  return all;
}

std::optional<std::vector<double>> points_in(JsonCursor& in) {
  if (in.type() != JsonType::array) {
    in.skip();
    return std::nullopt;
  }
  std::vector<double> points;
  bool good = true;
  for (in.enter_array(); in.next_element();) {
    if (in.type() != JsonType::array) {
      in.skip();
      good = false;
      continue;
    }
    std::size_t count = 0;
    for (in.enter_array(); in.next_element(); ++count) {
      const auto n = number_in(in);
      good = good && n;
      points.push_back(n.value_or(0));
    }
    good = good && count == 2;
  }
  return good ? std::optional(std::move(points)) : std::nullopt;
}

Said read_said(std::string_view json) {
  Said said;
  JsonCursor in(json);
  if (in.type() != JsonType::object) return said;
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    const auto number = [&](std::optional<double>& to) { to = number_in(in); };
    if (key == "x") {
      number(said.x);
    } else if (key == "y") {
      number(said.y);
    } else if (key == "width") {
      number(said.width);
    } else if (key == "height") {
      number(said.height);
    } else if (key == "rotation") {
      number(said.rotation);
    } else if (key == "radiusX") {
      number(said.radius_x);
    } else if (key == "radiusY") {
      number(said.radius_y);
    } else if (key == "points") {
      said.points = points_in(in);
    } else if (key == "closed" && in.type() == JsonType::boolean) {
      said.closed = in.read_bool();
    } else if (key == "rle" && in.type() == JsonType::array) {
      said.has_rle = true;
      for (in.enter_array(); in.next_element();)
        said.rle.push_back(static_cast<std::uint8_t>(std::clamp(number_in(in).value_or(0), 0.0, 255.0)));
    } else if (key.ends_with("labels") && said.labels_key.empty()) {
      said.labels_key = key;
      said.labels = strings_in(in);
    } else {
      in.skip();
    }
  }
  return said;
}

class Drawer {
 public:
  Drawer(const Said& said, std::uint32_t width, std::uint32_t height, const Limits& limits, Drawn& out)
      : said_(said), width_(width), height_(height), limits_(limits), out_(out) {}

  void draw() {
    if (said_.has_rle) return brush();
    if (said_.points) return outline();
    if (said_.radius_x || said_.radius_y) return ellipse();
    if (said_.width && said_.height) return rectangle();
    if (said_.x && said_.y) return point();
    out_.fault = "has neither a box nor points";
  }

 private:
  double px(double percent) const { return percent * width_ / 100; }
  double py(double percent) const { return percent * height_ / 100; }
  bool sized() const { return width_ > 0 && height_ > 0; }
  bool has(std::optional<double> value, std::string_view name) {
    if (!value && out_.fault.empty()) out_.fault = "has no number " + std::string(name);
    return value.has_value();
  }

  void rectangle() {
    if (!has(said_.x, "x") || !has(said_.y, "y")) return;
    const double degrees = said_.rotation.value_or(0);
    out_.form = degrees == 0 ? ToolForm::box : ToolForm::rotated;
    if (!sized()) return;
    const double x = px(*said_.x), y = py(*said_.y), w = px(*said_.width), h = py(*said_.height);
    if (degrees == 0) {
      out_.numbers = {x, y, w, h};
      return;
    }
    const double sine = std::sin(degrees * pi / 180), cosine = std::cos(degrees * pi / 180);
    out_.numbers = {x + (w * cosine - h * sine) / 2, y + (w * sine + h * cosine) / 2, w, h, degrees};
  }
  void ellipse() {
    if (!has(said_.x, "x") || !has(said_.y, "y") || !has(said_.radius_x, "radiusX") || !has(said_.radius_y, "radiusY"))
      return;
    out_.form = ToolForm::ellipse;
    if (!sized()) return;
    out_.numbers = {px(*said_.x), py(*said_.y), px(*said_.radius_x), py(*said_.radius_y)};
    if (const double degrees = said_.rotation.value_or(0); degrees != 0) out_.numbers.push_back(degrees);
  }
  void point() {
    out_.form = ToolForm::point;
    if (sized()) out_.numbers = {px(*said_.x), py(*said_.y)};
  }
  void outline() {
    if (said_.points->empty()) {
      out_.fault = "has no points";
      return;
    }
    out_.form = said_.closed ? ToolForm::polygon : ToolForm::polyline;
    if (!sized()) return;
    for (std::size_t k = 0; k < said_.points->size(); ++k)
      out_.numbers.push_back(k % 2 == 0 ? px((*said_.points)[k]) : py((*said_.points)[k]));
  }
  void brush() {
    if (!sized()) {
      out_.fault = "is a brush, and the size of its image is not known";
      return;
    }
    Result<std::vector<std::uint8_t>> ones =
        read_brush(said_.rle, static_cast<std::uint32_t>(width_), static_cast<std::uint32_t>(height_), limits_);
    if (!ones) {
      out_.fault = "is " + ones.error().message;
      return;
    }
    out_.form = ToolForm::mask;
    out_.ones = *std::move(ones);
  }

  const Said& said_;
  double width_, height_;
  const Limits& limits_;
  Drawn& out_;
};

}  // namespace

Drawn read_value(std::string_view json, std::string_view, std::uint32_t width, std::uint32_t height,
                 const Limits& limits) {
  Drawn out;
  Said said = read_said(json);
  Drawer(said, width, height, limits, out).draw();
  out.labels = std::move(said.labels);
  return out;
}

std::string type_of_value(std::string_view json) {
  const Said said = read_said(json);
  if (!said.labels_key.empty()) return said.labels_key;
  if (said.has_rle) return "brush";
  if (said.points) return "polygon";
  if (said.radius_x) return "ellipse";
  return said.width && said.height ? "rectangle" : "keypoint";
}

std::string_view member(std::string_view object, std::string_view key) {
  JsonCursor in(object);
  if (in.type() != JsonType::object) return {};
  std::string_view found;
  for (in.enter_object(); in.next_member();) {
    const bool wanted = in.key() == key;
    const std::string_view value = in.skip();
    if (wanted) found = value;
  }
  return in.failed() ? std::string_view() : found;
}

std::vector<std::string> texts_in(std::string_view json) {
  JsonCursor in(json);
  return json.empty() ? std::vector<std::string>() : strings_in(in);
}

std::optional<Extra> read_extra(std::string_view result) {
  const std::vector<std::string> types = texts_in(member(result, "type")),
                                 names = texts_in(member(result, "from_name"));
  if (types.size() != 1 || types[0] == "relation") return std::nullopt;
  const std::string_view value = member(result, "value");
  const std::string_view payload = member(value, types[0] == "textarea" ? "text" : std::string_view(types[0]));
  if (payload.empty()) return std::nullopt;
  Extra extra{.key = names.empty() ? types[0] : names[0], .json = std::string(payload)};
  if (types[0] == "textarea") {
    extra.texts = texts_in(payload);
    for (const TextRole role : {TextRole::caption, TextRole::description, TextRole::prefix, TextRole::suffix,
                                TextRole::turn, TextRole::comment})
      if (extra.key == "region_" + std::string(name(role))) extra.role = role;
    return extra.texts.empty() ? std::nullopt : std::optional(std::move(extra));
  }
  if (payload.starts_with('['))
    if (const std::vector<std::string> texts = texts_in(payload); texts.size() == 1) {
      const Result<Json> list = Json::parse(payload);
      if (list && list->elements().size() == 1) {
        extra.json.clear();
        append_json_string(extra.json, texts[0]);
      }
    }
  return extra;
}

std::string textarea_text(std::string_view id, TextRole role, std::span<const std::string> texts) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  if (!id.empty()) json.key("id").raw(id);
  json.key("type").value("textarea").key("from_name").value("region_" + std::string(name(role)));
  json.key("to_name").value("image").key("value").begin_object().key("text").begin_array();
  for (const std::string& text : texts) json.value(text);
  json.end_array().end_object().end_object();
  return out;
}

}  // namespace vetset::labelstudio_parts
