// One task: its image, the sets of results that people and models gave, and each region as an annotation.
#include <algorithm>
#include <cmath>

#include "vetset/base/unicode.h"
#include "vetset/formats/labelstudio/labelstudio.h"
#include "vetset/image/probe.h"

namespace vetset::labelstudio_parts {
namespace {

struct ResultText {
  std::string_view text;
  std::size_t offset = 0;  // in the task
};
/// What one annotator or one model gave.
struct Set {
  bool prediction = false, cancelled = false;
  std::vector<ResultText> results = {};
  std::vector<std::string_view> unmodelled = {};
  std::string rest = {};  // its other members, as a JSON object
  std::string layer = {};
};

class TaskReader {
 public:
  TaskReader(const TaskSource& source, const TaskContext& context, Parsed& into)
      : source_(source), context_(context), limits_(context.options.limits), into_(into), d_(into.part) {}

  Head read() {
    read_members();
    find_image();
    find_size();
    std::vector<std::string> taken[2];
    for (Set& set : sets_) set.layer = layer_of_set(set.rest, set.prediction, taken[set.prediction ? 1 : 0]);
    for (Set& set : sets_) read_set(set);
    settle_state();
    keep_rest();
    return std::move(head_);
  }

 private:
  void tell(std::string_view code, Severity severity, std::size_t offset, std::string message, std::string fix = {}) {
    into_.findings.add({.code = code,
                        .severity = severity,
                        .where = vetset::Place{.file = std::string(source_.path), .offset = source_.offset + offset},
                        .message = std::move(message),
                        .fix = std::move(fix)});
  }

  // The task.

  void read_members() {
    JsonCursor in(source_.text, limits_.depth);
    JsonWriter rest(other_);
    rest.begin_object();
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      if (key == "id") {
        head_.id = in.skip();
      } else if (key == "data") {
        data_ = in.skip();
      } else if ((key == "annotations" || key == "completions" || key == "predictions") &&
                 in.type() == JsonType::array) {
        for (in.enter_array(); in.next_element();) read_set_text(in, key == "predictions");
      } else {
        rest.key(key).raw(in.skip());
      }
    }
    rest.end_object();
    // Annotations come before predictions, however the task has them.
    std::stable_partition(sets_.begin(), sets_.end(), [](const Set& set) { return !set.prediction; });
  }
  void read_set_text(JsonCursor& in, bool prediction) {
    if (in.type() != JsonType::object) {
      in.skip();
      return;
    }
    Set& set = sets_.emplace_back(Set{.prediction = prediction});
    JsonWriter rest(set.rest);
    rest.begin_object();
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      if (key == "result" && in.type() == JsonType::array) {
        for (in.enter_array(); in.next_element();) {
          const std::size_t at = in.offset();
          const std::string_view text = in.skip();
          set.results.push_back({text, at + static_cast<std::size_t>(source_.text.substr(at).find(text.front()))});
        }
        continue;
      }
      if (key == "was_cancelled" && in.type() == JsonType::boolean) {
        set.cancelled = in.read_bool();
        if (set.cancelled) rest.key(key).value(true);
        if (!set.cancelled) rest.key(key).value(false);
        continue;
      }
      rest.key(key).raw(in.skip());
    }
    rest.end_object();
  }

  void find_image() {
    ImageMember said = image_in(data_, context_.config.image_key);
    if (said.key.empty()) {
      tell("FMT401", Severity::error, 0, "the data of the task name no image", "say which member of data is the image");
      return;
    }
    image_key_ = std::move(said.key);
    head_.reference = std::move(said.reference);
    head_.found = context_.finder.find(folder_of(source_.path), head_.reference);
    head_.path = head_.found.media.empty() ? path_of_reference(head_.reference) : std::string(head_.found.media);
    if (head_.found.media.empty() && context_.finder.any_image() && !context_.options.known_size)
      tell("FMT404", Severity::warning, 0, "image '" + printable(head_.reference) + "' is not here",
           "add the image, or take its task out");
    head_.splits = texts_in(member(data_, "split"));
  }

  static std::uint32_t side_in(std::string_view json) {
    const NumberText n = read_number(json);
    const bool whole =
        n.length == json.size() && n.value >= 1 && n.value <= 0x7fffffff && n.value == std::floor(n.value);
    return whole ? static_cast<std::uint32_t>(n.value) : 0;
  }
  void state_size(std::uint32_t width, std::uint32_t height) {
    if (head_.width > 0 || width == 0 || height == 0) return;
    head_.width = width;
    head_.height = height;
    head_.size_origin = SizeOrigin::stated;
  }
  /// As the results say it, or the data; else as the image's header does.
  void find_size() {
    for (const Set& set : sets_)
      for (const ResultText& result : set.results) {
        if (head_.width > 0) break;
        state_size(side_in(member(result.text, "original_width")), side_in(member(result.text, "original_height")));
      }
    if (head_.width == 0) {
      state_size(side_in(member(data_, "width")), side_in(member(data_, "height")));
      sized_by_data_ = head_.width > 0;
    }
    if (head_.width > 0) return;
    if (context_.options.known_size)
      if (const auto known = context_.options.known_size(head_.path)) {
        head_.width = known->first;
        head_.height = known->second;
        head_.size_origin = SizeOrigin::header;
        return;
      }
    if (head_.found.media.empty() || !context_.options.probe_images) return;
    const Facts facts =
        probe_image(head_.found.own ? context_.tree : *context_.options.images, head_.found.media, {.tail = false});
    if (facts.status != Facts::Status::ok) return;
    head_.width = facts.width;
    head_.height = facts.height;
    head_.size_origin = SizeOrigin::header;
  }

  // Results.

  /// A region of the set at hand.
  struct Region {
    std::string id;
    std::size_t annotation;  // in the part
    std::vector<std::string_view> extras = {};
    std::vector<Attribute> attributes = {};
    std::vector<TextRow> texts = {};
    std::string rest = {};  // members of its residue, "key":value,…
    std::vector<double> points = {};
    bool has_points = false;
  };

  void read_set(Set& set) {
    regions_.clear();
    layer_ = layer(set.layer);
    std::vector<ResultText> children;
    for (const ResultText& result : set.results) {
      const std::vector<std::string> parent = texts_in(member(result.text, "parentID"));
      const std::string_view type = member(result.text, "type");
      if (!parent.empty() && type == "\"keypointlabels\"") {
        children.push_back(result);
        continue;
      }
      if (!read_result(result)) {
        set.unmodelled.push_back(result.text);
        ++into_.unmodelled;
      }
    }
    for (const ResultText& child : children)
      if (!read_point(child) && !read_result(child)) set.unmodelled.push_back(child.text), ++into_.unmodelled;
    for (Region& region : regions_) finish(region);
  }

  Region* region_of(std::string_view id) {
    for (Region& region : regions_)
      if (!id.empty() && region.id == id) return &region;
    return nullptr;
  }

  bool read_result(const ResultText& result) {
    const std::string_view value = member(result.text, "value");
    const std::vector<std::string> type = texts_in(member(result.text, "type"));
    const std::string id(member(result.text, "id"));
    if (type.size() != 1 || !value.starts_with('{')) return false;
    if (Region* const known = region_of(id)) return read_again(*known, result, type[0]);
    if (type[0] == "choices") return read_tags(result, texts_in(member(value, "choices")), id);
    if (type[0] == "textarea" && member(value, "x").empty() && member(value, "points").empty())
      return read_captions(result, texts_in(member(value, "text")), id);
    constexpr std::string_view known[] = {"rectanglelabels", "rectangle", "polygonlabels",  "polygon",
                                          "ellipselabels",   "ellipse",   "keypointlabels", "keypoint",
                                          "brushlabels",     "brush",     "labels"};
    if (std::find(std::begin(known), std::end(known), type[0]) == std::end(known)) return false;
    const std::uint32_t width = side_or(member(result.text, "original_width"), head_.width);
    const std::uint32_t height = side_or(member(result.text, "original_height"), head_.height);
    Drawn drawn = read_value(value, type[0], width, height, limits_);
    if (!drawn.fault.empty()) {
      tell("FMT401", Severity::error, result.offset,
           "the " + type[0] + " " + drawn.fault + ": it is kept, and not read", "mend the result, or take it out");
      return false;
    }
    Annotation a{.image = source_.image, .layer = layer_};
    place(a, drawn);
    if (!drawn.labels.empty()) a.category = category(drawn.labels[0]);
    Region& region = add(a, result, id);
    if (drawn.form != ToolForm::mask) d_.authored.back() = d_.add_text(value);
    if (drawn.labels.size() > 1) attribute(region, "labels", member(value, type_of_value(value)));
    read_beside(region, result);
    return true;
  }
  static std::uint32_t side_or(std::string_view json, std::uint32_t otherwise) {
    const std::uint32_t side = side_in(json);
    return side > 0 ? side : otherwise;
  }

  void place(Annotation& a, Drawn& drawn) {
    const bool sized = !drawn.numbers.empty() || drawn.form == ToolForm::mask;
    const auto shape = [&](ShapeKind kind, std::size_t begin, std::size_t count) {
      a.shape = to_index<ShapeIndex>(d_.shapes.size());
      d_.shapes.push_back({.begin = begin, .count = static_cast<std::uint32_t>(count), .kind = kind});
    };
    switch (drawn.form) {
      case ToolForm::box: a.kind = Kind::box; break;
      case ToolForm::rotated: a.kind = Kind::rotated_box; break;
      case ToolForm::polygon: a.kind = Kind::polygon; break;
      case ToolForm::polyline: a.kind = Kind::polyline; break;
      case ToolForm::point: a.kind = Kind::point; break;
      case ToolForm::ellipse: a.kind = Kind::ellipse; break;
      default: a.kind = Kind::mask;
    }
    if (!sized) {
      a.box_origin = Origin::unplaced;
      return;
    }
    if (drawn.form == ToolForm::box) {
      a.box = {drawn.numbers[0], drawn.numbers[1], drawn.numbers[2], drawn.numbers[3]};
      a.box_origin = Origin::stated;
      return;
    }
    const std::size_t begin = d_.coordinates.size();
    d_.coordinates.append(drawn.numbers);
    const bool line = drawn.form == ToolForm::polygon || drawn.form == ToolForm::polyline;
    if (line) {
      d_.rings.push_back({.begin = begin,
                          .count = static_cast<std::uint32_t>(drawn.numbers.size()),
                          .role = RingRole::outer,
                          .closed = drawn.form == ToolForm::polygon});
      shape(drawn.form == ToolForm::polygon ? ShapeKind::polygon : ShapeKind::polyline, d_.rings.size() - 1, 1);
    } else if (drawn.form == ToolForm::mask) {
      append_mask(d_, a, drawn.ones, {0, 0, head_.width, head_.height}, head_.width, head_.height);
    } else {
      shape(ShapeKind::numbers, begin, drawn.numbers.size());
    }
    std::optional<Box> box = shape_box(d_, a);
    if (drawn.form == ToolForm::ellipse) {
      const std::vector<double>& n = drawn.numbers;
      box = box_of(DrawnEllipse{n[0], n[1], n[2], n[3], n.size() == 5 ? std::optional(n[4]) : std::nullopt});
    }
    if (!box) return;
    a.box = *box;
    a.box_origin = Origin::derived;
  }

  Region& add(const Annotation& a, const ResultText& result, const std::string& id) {
    const std::size_t index = d_.annotations.size();
    d_.annotations.push_back(a);
    d_.annotation_positions.push_back(Position::at(source_.file, source_.offset + result.offset));
    d_.authored.push_back({});
    d_.scores.push_back(unstated());
    add_id(id);
    return regions_.emplace_back(Region{.id = id, .annotation = index});
  }
  void add_id(const std::string& id) {
    const std::vector<std::string> text = texts_in(id);
    const std::string json = id.empty() ? std::string() : text.empty() ? id : json_of_text(text[0]);
    const std::int64_t number = number_of_id(json);
    if (number == Ids::odd)
      d_.annotation_ids.tokens.push_back(
          {static_cast<std::uint32_t>(d_.annotation_ids.numbers.size()), d_.add_text(json)});
    d_.annotation_ids.numbers.push_back(number);
  }
  CategoryIndex category(const std::string& name) {
    if (const CategoryIndex* const known = into_.categories.find(name)) return *known;
    const auto index = to_index<CategoryIndex>(into_.names.size());
    into_.categories.try_emplace(into_.names.emplace_back(name), index);
    return index;
  }
  std::uint16_t layer(const std::string& name) {
    if (name.empty()) return 0;
    auto at = std::find(into_.layers.begin(), into_.layers.end(), name);
    if (at == into_.layers.end()) at = into_.layers.insert(into_.layers.end(), name);
    return static_cast<std::uint16_t>(std::min<std::ptrdiff_t>(at - into_.layers.begin() + 1, 0xffff));
  }
  void attribute(Region& region, std::string_view key, std::string_view json) {
    region.attributes.push_back(
        {Owner::annotation, static_cast<std::uint32_t>(region.annotation), d_.add_text(key), d_.add_text(json)});
  }

  bool read_tags(const ResultText& result, const std::vector<std::string>& choices, const std::string& id) {
    if (choices.empty()) return false;
    for (std::size_t k = 0; k < choices.size(); ++k) {
      Annotation a{.image = source_.image, .category = category(choices[k]), .kind = Kind::tag, .layer = layer_};
      Region& region = add(a, result, k == 0 ? id : std::string());
      if (k == 0) read_beside(region, result);
    }
    return true;
  }
  bool read_captions(const ResultText& result, const std::vector<std::string>& texts, const std::string& id) {
    if (texts.empty()) return false;
    for (std::size_t k = 0; k < texts.size(); ++k) {
      Region& region =
          add({.image = source_.image, .kind = Kind::caption, .layer = layer_}, result, k == 0 ? id : std::string());
      region.texts.push_back({to_index<AnnotationIndex>(region.annotation), TextRole::caption, d_.add_text(texts[k])});
      if (k == 0) read_beside(region, result);
    }
    return true;
  }

  /// Another result of a region that is there: its label where that was missing, else something more about it.
  bool read_again(Region& region, const ResultText& result, const std::string& type) {
    Annotation& a = d_.annotations[region.annotation];
    const std::string_view value = member(result.text, "value");
    if (type.ends_with("labels") && a.category == none<CategoryIndex>)
      if (const std::vector<std::string> labels = texts_in(member(value, type)); !labels.empty()) {
        a.category = category(labels[0]);
        region.extras.push_back(result.text);
        return true;
      }
    const std::optional<Extra> extra = read_extra(result.text);
    if (!extra) return false;
    if (extra->texts.empty() || result.text != textarea_text(region.id, extra->role, extra->texts))
      region.extras.push_back(result.text);
    if (extra->texts.empty()) attribute(region, extra->key, extra->json);
    for (const std::string& text : extra->texts)
      region.texts.push_back({to_index<AnnotationIndex>(region.annotation), extra->role, d_.add_text(text)});
    return true;
  }

  /// What stands beside the value.
  void read_beside(Region& region, const ResultText& result) {
    JsonCursor in(result.text, limits_.depth);
    JsonWriter rest(region.rest);
    rest.begin_object();
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      if (key == "id" || key == "value" || key == "type") {
        in.skip();
      } else if (key == "score" && in.type() == JsonType::number) {
        if (const double score = in.read_number().value; std::isfinite(score)) d_.scores[region.annotation] = score;
      } else if (key == "meta" && in.type() == JsonType::object) {
        for (in.enter_object(); in.next_member();) {
          const std::string name(in.key());
          if (name == marks_name && in.type() == JsonType::string)
            read_marks(in.read_string(), d_.annotations[region.annotation].flags);
          else
            attribute(region, name, in.skip());
        }
      } else if (const std::string_view raw = in.skip(); !is_usual(key, raw, region)) {
        rest.key(key).raw(raw);
      }
    }
  }
  bool is_usual(std::string_view key, std::string_view raw, const Region& region) const {
    if (key == "original_width") return side_in(raw) == head_.width && head_.width > 0;
    if (key == "original_height") return side_in(raw) == head_.height && head_.height > 0;
    if (key == "image_rotation") return raw == "0";
    if (key == "to_name") return raw == "\"image\"";
    if (key != "from_name") return false;
    return raw == usual_name(d_.annotations[region.annotation].kind);
  }
  static std::string_view usual_name(Kind kind) {
    switch (kind) {
      case Kind::tag: return "\"class\"";
      case Kind::caption: return "\"caption\"";
      case Kind::polygon:
      case Kind::polyline: return "\"polygon\"";
      case Kind::ellipse: return "\"ellipse\"";
      case Kind::mask: return "\"brush\"";
      case Kind::point: return "\"keypoint\"";
      default: return "\"label\"";
    }
  }

  /// A point of an object: its parent's skeleton says which.
  bool read_point(const ResultText& result) {
    Region* const region = region_of(member(result.text, "parentID"));
    if (region == nullptr || head_.width == 0) return false;
    const Drawn drawn = read_value(member(result.text, "value"), {}, head_.width, head_.height, limits_);
    if (drawn.form != ToolForm::point || drawn.labels.empty()) return false;
    const CategoryIndex category = d_.annotations[region->annotation].category;
    std::size_t slot = region->points.size() / 3;
    if (category != none<CategoryIndex>)
      for (const Config::Label& label : context_.config.labels) {
        if (label.name != into_.names[to_size(category)]) continue;
        const auto at = std::find(label.points.begin(), label.points.end(), drawn.labels[0]);
        if (at != label.points.end()) slot = static_cast<std::size_t>(at - label.points.begin());
      }
    double visible = 2;
    if (const std::string_view said = member(member(result.text, "meta"), "visible"); !said.empty())
      if (const NumberText n = read_number(said); n.length == said.size()) visible = n.value;
    if (region->points.size() < 3 * slot + 3) region->points.resize(3 * slot + 3, 0);
    region->points[3 * slot] = drawn.numbers[0];
    region->points[3 * slot + 1] = drawn.numbers[1];
    region->points[3 * slot + 2] = visible;
    region->has_points = true;
    return true;
  }

  void finish(Region& region) {
    Annotation& a = d_.annotations[region.annotation];
    if (region.has_points) {
      const auto index = to_index<ShapeIndex>(d_.shapes.size());
      d_.shapes.push_back({.begin = d_.coordinates.size(),
                           .count = static_cast<std::uint32_t>(region.points.size()),
                           .next = a.shape,
                           .kind = ShapeKind::keypoints});
      d_.coordinates.append(region.points);
      a.shape = index;
      a.kind = Kind::keypoints;
    }
    for (const Attribute& row : region.attributes) d_.attributes.push_back(row);
    for (const TextRow& row : region.texts) d_.text_rows.push_back(row);
    const bool labelled = a.category != none<CategoryIndex> || a.kind == Kind::caption;
    if (!labelled)
      tell("FMT402", Severity::warning, d_.annotation_positions[region.annotation].offset() - source_.offset,
           "the region has no label", "give it one");
    std::string residue = region.rest.empty() ? "{" : region.rest;
    if (!region.extras.empty()) {
      if (residue != "{") residue += ',';
      residue += "\"results\":[";
      for (const std::string_view extra : region.extras) residue.append(extra).append(",");
      residue.back() = ']';
    }
    if (residue == "{") return;
    residue += '}';
    d_.residues.push_back({Owner::annotation, static_cast<std::uint32_t>(region.annotation), d_.add_text(residue)});
  }

  // The task again.

  void settle_state() {
    bool any = false, drawn = false, cancelled = true;
    for (const Set& set : sets_) {
      if (set.prediction) continue;
      any = true;
      cancelled = cancelled && set.cancelled;
      drawn = drawn || !set.results.empty();
    }
    head_.state = !any        ? ImageState::unlabelled
                  : cancelled ? ImageState::skipped
                  : drawn     ? ImageState::labelled
                              : ImageState::labelled_empty;
  }

  /// Whether writing the rows of the model anew would give this set again.
  bool is_plain(const Set& set, std::size_t of_its_kind) const {
    if (!set.unmodelled.empty()) return false;
    std::vector<std::string> none_taken;
    std::string again = "{";
    if (!set.layer.empty() && !set.prediction) again += "\"completed_by\":" + completed_by(set.layer);
    if (set.prediction && set.layer != prediction_layer)
      append_json_string(again += "\"model_version\":", std::string_view(set.layer).substr(12));
    if (set.cancelled) again += again == "{" ? "\"was_cancelled\":true" : ",\"was_cancelled\":true";
    if (again + "}" != set.rest) return false;
    return !set.results.empty() || (of_its_kind == 1 && !set.prediction && set.layer.empty());
  }
  static std::string completed_by(const std::string& layer) {
    const NumberText n = read_number(layer);
    if (n.integer && n.length == layer.size()) return layer;
    std::string out = "{\"email\":";
    append_json_string(out, layer);
    return out + "}";
  }

  void keep_rest() {
    std::string residue;
    JsonWriter writer(residue);
    writer.begin_object();
    keep_data(writer);
    std::size_t counts[2] = {};
    for (const Set& set : sets_) ++counts[set.prediction ? 1 : 0];
    for (const bool predictions : {false, true}) {
      bool plain = true;
      for (const Set& set : sets_)
        if (set.prediction == predictions) plain = plain && is_plain(set, counts[predictions ? 1 : 0]);
      if (plain) continue;
      writer.key(predictions ? "predictions" : "annotations").begin_array();
      for (const Set& set : sets_)
        if (set.prediction == predictions) keep_set(writer, set);
      writer.end_array();
    }
    JsonCursor in(other_);
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      writer.key(key).raw(in.skip());
    }
    writer.end_object();
    if (residue != "{}") head_.residue = std::move(residue);
  }
  static void keep_set(JsonWriter& writer, const Set& set) {
    writer.begin_object();
    JsonCursor in(set.rest);
    for (in.enter_object(); in.next_member();) {
      const std::string key(in.key());
      writer.key(key).raw(in.skip());
    }
    if (!set.unmodelled.empty()) {
      writer.key("result").begin_array();
      for (const std::string_view result : set.unmodelled) writer.raw(result);
      writer.end_array();
    }
    writer.end_object();
  }
  /// Members of the data; the reference to the image where it is not the one that would be written.
  void keep_data(JsonWriter& writer) {
    std::string kept;
    JsonWriter members(kept);
    members.begin_object();
    JsonCursor in(data_);
    if (in.type() == JsonType::object)
      for (in.enter_object(); in.next_member();) {
        const std::string key(in.key());
        const std::string_view value = in.skip();
        if (key == "split" && !texts_in(value).empty()) continue;
        if (key == image_key_ && reference_to(head_.path) == head_.reference) continue;
        if (key == "width" && sized_by_data_ && side_in(value) == head_.width) continue;
        if (key == "height" && sized_by_data_ && side_in(value) == head_.height) continue;
        members.key(key).raw(value);
      }
    members.end_object();
    if (kept != "{}") writer.key("data").raw(kept);
  }

  const TaskSource& source_;
  const TaskContext& context_;
  const Limits& limits_;
  Parsed& into_;
  Dataset& d_;
  Head head_;
  std::string_view data_;
  std::string image_key_, other_;
  std::vector<Set> sets_;
  std::vector<Region> regions_;
  std::uint16_t layer_ = 0;
  bool sized_by_data_ = false;
};

}  // namespace

std::string layer_of_set(std::string_view set, bool prediction, std::vector<std::string>& taken) {
  std::string name;
  if (prediction) {
    const std::vector<std::string> version = texts_in(member(set, "model_version"));
    name = version.empty() || version[0].empty() ? std::string(prediction_layer)
                                                 : std::string(prediction_layer) + ": " + version[0];
  } else {
    const std::string_view by = member(set, "completed_by");
    if (by.starts_with('{')) {
      for (const std::string_view key : {"email", "username", "id"}) {
        if (!name.empty()) break;
        const std::string_view value = member(by, key);
        const std::vector<std::string> text = texts_in(value);
        name = text.empty() ? (key == "id" && value != "null" ? std::string(value) : std::string()) : text[0];
      }
    } else if (!by.empty() && by != "null") {
      const std::vector<std::string> text = texts_in(by);
      name = text.empty() ? std::string(by) : text[0];
    }
  }
  const std::string wanted = name;
  for (unsigned n = 2; std::find(taken.begin(), taken.end(), name) != taken.end(); ++n)
    name = wanted + (wanted.empty() ? "(" : " (") + std::to_string(n) + ")";
  taken.push_back(name);
  return name;
}

Head read_task(const TaskSource& source, const TaskContext& context, Parsed& into) {
  return TaskReader(source, context, into).read();
}

}  // namespace vetset::labelstudio_parts
