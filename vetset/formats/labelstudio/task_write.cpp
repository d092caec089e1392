// One task as JSON: its data, a set of results for each annotator, and one for each model that predicted.
#include <algorithm>
#include <cmath>
#include <set>

#include "vetset/formats/labelstudio/labelstudio.h"

namespace vetset::labelstudio_parts {
namespace {

constexpr double pi = 3.14159265358979323846;

std::string_view residue_of(const Dataset& d, Owner owner, std::size_t i) {
  const auto rows = is_native(d) ? d.residues_of(owner, i) : std::span<const Residue>();
  return rows.empty() ? std::string_view() : d.text(rows.front().json);
}

/// The members of an object, in order.
template <class Visit>
void each_member(std::string_view object, Visit visit) {
  if (object.empty()) return;
  JsonCursor in(object);
  for (in.enter_object(); in.next_member();) {
    const std::string key(in.key());
    visit(key, in.skip());
  }
}
std::vector<std::string_view> elements_of(std::string_view array) {
  std::vector<std::string_view> all;
  if (array.empty()) return all;
  JsonCursor in(array);
  if (in.type() == JsonType::array)
    for (in.enter_array(); in.next_element();) all.push_back(in.skip());
  return all;
}

std::string_view control_of(ToolForm form) {
  switch (form) {
    case ToolForm::polygon:
    case ToolForm::polyline: return "polygon";
    case ToolForm::ellipse: return "ellipse";
    case ToolForm::mask: return "brush";
    case ToolForm::point: return "keypoint";
    case ToolForm::tag: return "class";
    case ToolForm::caption: return "caption";
    default: return "label";
  }
}
std::string_view type_of(ToolForm form) {
  switch (form) {
    case ToolForm::polygon:
    case ToolForm::polyline: return "polygonlabels";
    case ToolForm::ellipse: return "ellipselabels";
    case ToolForm::mask: return "brushlabels";
    case ToolForm::point: return "keypointlabels";
    case ToolForm::tag: return "choices";
    case ToolForm::caption: return "textarea";
    default: return "rectanglelabels";
  }
}

/// The results of one annotator or model.
class SetWriter {
 public:
  SetWriter(std::string& out, const Dataset& d, ImageIndex image, const Plan& plan, const Policies& policies,
            std::vector<AnnotationIndex>& emitted)
      : json_(out), d_(d), image_(d[image]), plan_(plan), policies_(policies), emitted_(emitted) {}

  bool states_size() const { return states_size_; }

  /// Writes the array of results.
  void write(std::span<const AnnotationIndex> annotations, const std::vector<std::string_view>& unmodelled) {
    json_.begin_array();
    for (std::size_t k = 0; k < annotations.size();) k += write_one(annotations.subspan(k));
    for (const std::string_view raw : unmodelled) {
      json_.raw(raw);
      states_size_ = states_size_ || !member(raw, "original_width").empty();
    }
    json_.end_array();
  }

 private:
  double px(double x) const { return x / image_.width * 100; }
  double py(double y) const { return y / image_.height * 100; }

  /// How many annotations the result took.
  std::size_t write_one(std::span<const AnnotationIndex> rest) {
    const AnnotationIndex i = rest.front();
    const ToolForm form = written_form(d_, i);
    if (form == ToolForm::tag || form == ToolForm::caption) return write_together(rest, form);
    if (keeps_value(d_, i)) {
      const std::string id = new_id(i);
      const std::string_view value = d_.authored_text(i);
      begin(i, id, type_of_value(value), form, true);
      json_.key("value").raw(value);
      end(i);
      write_points(i, id);
      write_more(i, id, form);
      emitted_.push_back(i);
      return 1;
    }
    if (form == ToolForm::polygon) {
      for (const std::vector<double>& ring : drawn_rings(d_, d_[i], policies_)) {
        write_region(i, form, [&] { points(ring, true); });
        emitted_.push_back(i);
      }
      return 1;
    }
    write_region(i, form, [&] { value_of(i, form); });
    emitted_.push_back(i);
    return 1;
  }

  template <class Write>
  void write_region(AnnotationIndex i, ToolForm form, Write write) {
    const std::string id = new_id(i);
    const std::string_view type = type_of(form);
    begin(i, id, type, form, true);
    json_.key("value").begin_object();
    write();
    labels(i, type);
    json_.end_object();
    end(i);
    write_points(i, id);
    write_more(i, id, form);
  }

  void labels(AnnotationIndex i, std::string_view type) {
    const CategoryIndex category = d_[i].category;
    if (category == none<CategoryIndex>) return;
    json_.key(type).begin_array().value(plan_.class_names[to_size(category)]);
    const std::vector<std::string> all = native_labels(i);
    for (std::size_t k = 1; k < all.size(); ++k) json_.value(all[k]);
    json_.end_array();
  }
  /// All labels of a region that had several.
  std::vector<std::string> native_labels(AnnotationIndex i) const {
    if (!is_native(d_)) return {};
    for (const Attribute& row : d_.attributes_of(Owner::annotation, to_size(i)))
      if (d_.text(row.key) == "labels") {
        std::vector<std::string> all = texts_in(d_.text(row.value));
        return all.size() > 1 && all[0] == d_[d_[i].category].name ? all : std::vector<std::string>();
      }
    return {};
  }

  void points(std::span<const double> ring, bool closed) {
    json_.key("points").begin_array();
    for (std::size_t k = 0; k + 1 < ring.size(); k += 2)
      json_.begin_array().value(px(ring[k])).value(py(ring[k + 1])).end_array();
    json_.end_array().key("closed").value(closed);
  }
  void rectangle(double x, double y, double w, double h, double degrees) {
    json_.key("x").value(px(x)).key("y").value(py(y)).key("width").value(px(w)).key("height").value(py(h));
    json_.key("rotation").value(degrees);
  }
  void value_of(AnnotationIndex i, ToolForm form) {
    const Annotation& a = d_[i];
    switch (form) {
      case ToolForm::rotated: {
        const RotatedBox r = *drawn_rotated(d_, a);
        const double sine = std::sin(r.degrees * pi / 180), cosine = std::cos(r.degrees * pi / 180);
        return rectangle(r.x - (r.width * cosine - r.height * sine) / 2, r.y - (r.width * sine + r.height * cosine) / 2,
                         r.width, r.height, r.degrees);
      }
      case ToolForm::polyline: return points(drawn_line(d_, a), false);
      case ToolForm::ellipse: {
        const DrawnEllipse e = *drawn_ellipse(d_, a);
        json_.key("x").value(px(e.x)).key("y").value(py(e.y)).key("radiusX").value(px(e.rx));
        json_.key("radiusY").value(py(e.ry)).key("rotation").value(e.degrees.value_or(0));
        return;
      }
      case ToolForm::point: {
        const auto n = d_.numbers_of(*d_.find_shape(a, ShapeKind::numbers));
        json_.key("x").value(px(n[0])).key("y").value(py(n[1])).key("width").value(0.5);
        return;
      }
      case ToolForm::mask: {
        const Mask& mask = d_.masks[d_.find_shape(a, ShapeKind::mask)->begin];
        json_.key("format").value("rle").key("rle").begin_array();
        for (const std::uint8_t byte :
             pack_brush(ones_within(d_.counts_of(mask), mask.height, {0, 0, mask.width, mask.height})))
          json_.value(std::uint32_t{byte});
        json_.end_array();
        return;
      }
      default: {
        const Box b = *drawn_box(d_, a);
        return rectangle(b.x, b.y, b.width, b.height, 0);
      }
    }
  }

  /// Choices or texts of the whole image: those that say nothing more of themselves share a result.
  std::size_t write_together(std::span<const AnnotationIndex> rest, ToolForm form) {
    std::size_t count = 1;
    while (count < rest.size() && written_form(d_, rest[count]) == form && joins(rest[count], form)) ++count;
    const AnnotationIndex first = rest.front();
    const std::string id = new_id(first);
    begin(first, id, type_of(form), form, false);
    json_.key("value").begin_object().key(form == ToolForm::tag ? "choices" : "text").begin_array();
    for (const AnnotationIndex i : rest.first(count)) {
      if (form == ToolForm::tag)
        json_.value(plan_.class_names[to_size(d_[i].category)]);
      else
        json_.value(d_.text(caption_of(i).text));
      emitted_.push_back(i);
    }
    json_.end_array().end_object();
    end(first);
    write_more(first, id, form);
    return count;
  }
  bool joins(AnnotationIndex i, ToolForm form) const {
    const std::size_t k = to_size(i);
    const bool plain = d_.attributes_of(Owner::annotation, k).empty() && is_unstated(d_.score(i)) &&
                       text_of_marks(d_[i].flags, false).empty() && residue_of(d_, Owner::annotation, k).empty() &&
                       d_.texts_of(i).size() == (form == ToolForm::caption ? 1U : 0U);
    return plain && (!is_native(d_) || d_.annotation_ids[k] == Ids::absent);
  }
  const TextRow& caption_of(AnnotationIndex i) const {
    const auto texts = d_.texts_of(i);
    const auto at =
        std::find_if(texts.begin(), texts.end(), [](const TextRow& t) { return t.role == TextRole::caption; });
    return at == texts.end() ? texts.front() : *at;
  }

  /// The points of a skeleton, each a result that names the box as its parent.
  void write_points(AnnotationIndex i, const std::string& id) {
    const Annotation& a = d_[i];
    const Shape* const shape = a.shape == none<ShapeIndex> || written_form(d_, i) != ToolForm::skeleton
                                   ? nullptr
                                   : d_.find_shape(a, ShapeKind::keypoints);
    if (shape == nullptr) return;
    const auto values = d_.numbers_of(*shape);
    const std::size_t step = shape->two ? 2 : 3;
    const std::vector<std::string>* const names =
        a.category == none<CategoryIndex> ? nullptr : &plan_.points[to_size(a.category)];
    for (std::size_t k = 0; k * step < values.size(); ++k) {
      json_.begin_object().key("id").value(unlike(id + "-" + std::to_string(k + 1)));
      json_.key("type").value("keypointlabels").key("from_name").value("keypoint").key("to_name").value("image");
      size();
      json_.key("parentID").value(id).key("value").begin_object();
      json_.key("x").value(px(values[k * step])).key("y").value(py(values[k * step + 1])).key("width").value(0.5);
      json_.key("keypointlabels").begin_array();
      json_.value(names != nullptr ? (*names)[k] : "point_" + std::to_string(k + 1)).end_array().end_object();
      if (!shape->two) json_.key("meta").begin_object().key("visible").value(values[k * step + 2]).end_object();
      json_.end_object();
    }
  }

  void size() {
    json_.key("original_width").value(image_.width).key("original_height").value(image_.height);
    json_.key("image_rotation").value(0);
  }

  void begin(AnnotationIndex i, const std::string& id, std::string_view type, ToolForm form, bool region) {
    json_.begin_object();
    if (!id.empty()) json_.key("id").value(id);
    json_.key("type").value(type);
    std::vector<std::string> said;
    each_member(residue_of(d_, Owner::annotation, to_size(i)), [&](const std::string& key, std::string_view raw) {
      if (key == "results") return;
      said.push_back(key);
      json_.key(key).raw(raw);
    });
    const auto unsaid = [&](std::string_view key) { return std::find(said.begin(), said.end(), key) == said.end(); };
    if (unsaid("from_name")) json_.key("from_name").value(control_of(form));
    if (unsaid("to_name")) json_.key("to_name").value("image");
    if (!region) return;
    if (image_.width > 0 && image_.height > 0 && unsaid("original_width") && unsaid("original_height")) {
      json_.key("original_width").value(image_.width).key("original_height").value(image_.height);
      states_size_ = true;
    }
    if (unsaid("image_rotation")) json_.key("image_rotation").value(0);
  }
  void end(AnnotationIndex i) {
    if (const double score = d_.score(i); std::isfinite(score)) json_.key("score").value(score);
    const std::vector<Extra> extras = extras_of(i);
    bool any = false;
    for (const Attribute& row : d_.attributes_of(Owner::annotation, to_size(i))) {
      const std::string_view key = d_.text(row.key), value = d_.text(row.value);
      const auto said = [&](const Extra& e) { return e.texts.empty() && e.key == key && e.json == value; };
      if (std::any_of(extras.begin(), extras.end(), said)) continue;
      if (key == "labels" && !native_labels_of(i).empty()) continue;
      if (!any) json_.key("meta").begin_object();
      any = true;
      json_.key(key).raw(value);
    }
    if (const std::string marks = text_of_marks(d_[i].flags, false); !marks.empty()) {
      if (!any) json_.key("meta").begin_object();
      any = true;
      json_.key(marks_name).value(marks);
    }
    if (any) json_.end_object();
    json_.end_object();
  }
  std::vector<std::string> native_labels_of(AnnotationIndex i) const {
    return d_[i].category == none<CategoryIndex> ? std::vector<std::string>() : native_labels(i);
  }

  /// Further results of a region, as it was read with them.
  std::vector<Extra> extras_of(AnnotationIndex i) const {
    std::vector<Extra> extras;
    for (const std::string_view raw : elements_of(member(residue_of(d_, Owner::annotation, to_size(i)), "results")))
      if (auto extra = read_extra(raw)) extras.push_back(*std::move(extra));
    return extras;
  }
  /// Results that say more of a region: those it was read with while they hold, then its other texts.
  void write_more(AnnotationIndex i, const std::string& id, ToolForm form) {
    std::vector<TextRow> texts(d_.texts_of(i).begin(), d_.texts_of(i).end());
    if (form == ToolForm::caption) texts.clear();  // a caption is one text
    for (const std::string_view raw : elements_of(member(residue_of(d_, Owner::annotation, to_size(i)), "results"))) {
      const std::optional<Extra> extra = read_extra(raw);
      const bool label = !extra || extra->key.empty();
      if (label || still_said(i, *extra, texts)) json_.raw(raw);
    }
    for (std::size_t k = 0; k < texts.size();) {
      const TextRole role = texts[k].role;
      std::vector<std::string> said;
      for (; k < texts.size() && texts[k].role == role; ++k) said.emplace_back(d_.text(texts[k].text));
      std::string json;
      if (!id.empty()) append_json_string(json, id);
      json_.raw(textarea_text(json, role, said));
    }
  }
  /// Whether what a further result says still holds; its texts are then said.
  bool still_said(AnnotationIndex i, const Extra& extra, std::vector<TextRow>& texts) const {
    if (extra.texts.empty()) {
      const auto rows = d_.attributes_of(Owner::annotation, to_size(i));
      const bool attribute = std::any_of(rows.begin(), rows.end(), [&](const Attribute& row) {
        return d_.text(row.key) == extra.key && d_.text(row.value) == extra.json;
      });
      const std::vector<std::string> label = texts_in(extra.json);
      const CategoryIndex category = d_[i].category;
      return attribute ||
             (label.size() == 1 && category != none<CategoryIndex> && label[0] == plan_.class_names[to_size(category)]);
    }
    if (texts.size() < extra.texts.size()) return false;
    for (std::size_t k = 0; k < extra.texts.size(); ++k)
      if (texts[k].role != extra.role || d_.text(texts[k].text) != extra.texts[k]) return false;
    texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(extra.texts.size()));
    return true;
  }

  /// The id of a region: its own, made unlike those before it.
  std::string new_id(AnnotationIndex i) {
    const std::string json = d_.id_json(d_.annotation_ids, to_size(i));
    if (!json.empty()) return unlike(text_of_json(json));
    if (is_native(d_) && d_[i].kind != Kind::keypoints && d_.texts_of(i).empty()) return {};
    return unlike("r" + std::to_string(to_size(i) + 1));
  }
  std::string unlike(const std::string& wanted) {
    std::string id = wanted;
    for (unsigned n = 2; !ids_.insert(id).second; ++n) id = wanted + "-" + std::to_string(n);
    return id;
  }

  JsonWriter json_;
  const Dataset& d_;
  const Image& image_;
  const Plan& plan_;
  const Policies& policies_;
  std::vector<AnnotationIndex>& emitted_;
  std::set<std::string> ids_;
  bool states_size_ = false;
};

/// A set of results by its layer.
struct Group {
  std::string layer;
  std::string_view rest = {};  // its other members, as they were read
  std::vector<AnnotationIndex> annotations = {};
};

class TaskWriter {
 public:
  TaskWriter(const Dataset& d, const TaskTarget& target, const Plan& plan, const Policies& policies,
             std::vector<AnnotationIndex>& emitted)
      : d_(d), target_(target), plan_(plan), policies_(policies), emitted_(emitted) {}

  std::string write() {
    residue_ = residue_of(d_, Owner::image, to_size(target_.image));
    for (const bool predictions : {false, true}) {
      std::vector<std::string> taken;
      for (const std::string_view set : elements_of(member(residue_, predictions ? "predictions" : "annotations")))
        groups_[predictions ? 1 : 0].push_back({layer_of_set(set, predictions, taken), set});
    }
    for (const AnnotationIndex i : target_.annotations) {
      if (written_form(d_, i) == ToolForm::none) continue;
      if (d_[i].flags.is(Flag::crowd) && policies_[Decision::crowd] != Policy::object) continue;
      std::string layer = written_layer(d_, i);
      std::vector<Group>& groups = groups_[is_prediction_layer(layer) ? 1 : 0];
      auto at = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.layer == layer; });
      if (at == groups.end()) at = groups.insert(groups.end(), Group{.layer = std::move(layer)});
      at->annotations.push_back(i);
    }
    std::string sets;
    write_sets(sets);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    if (!target_.id.empty()) json.key("id").raw(target_.id);
    json.key("data");
    write_data(json);
    out += sets;
    each_member(residue_, [&](const std::string& key, std::string_view raw) {
      if (key == "data" || key == "annotations" || key == "predictions") return;
      json.key(key).raw(raw);
    });
    json.end_object();
    return out;
  }

 private:
  /// Members of a task that hold results, each with a comma before it.
  void write_sets(std::string& out) {
    if (groups_[0].empty()) {
      const ImageState state = d_[target_.image].state;
      out += state == ImageState::labelled || state == ImageState::labelled_empty ? ",\"annotations\":[{\"result\":[]}]"
             : state == ImageState::skipped ? ",\"annotations\":[{\"was_cancelled\":true,\"result\":[]}]"
                                            : ",\"annotations\":[]";
    } else {
      write_groups(out, false);
    }
    write_groups(out, true);
  }
  void write_groups(std::string& out, bool predictions) {
    out += predictions ? ",\"predictions\":[" : ",\"annotations\":[";
    bool first = true;
    for (const Group& group : groups_[predictions ? 1 : 0]) {
      if (!first) out += ',';
      first = false;
      std::string head = "{";
      const auto add = [&](std::string_view said) {
        if (!said.empty()) head.append(head == "{" ? "" : ",").append(said);
      };
      std::vector<std::string_view> unmodelled;
      if (group.rest.empty()) {
        add(header_of(group.layer));
      } else {
        each_member(group.rest, [&](const std::string& key, std::string_view raw) {
          if (key == "result") {
            unmodelled = elements_of(raw);
            return;
          }
          std::string text;
          append_json_string(text, key);
          add(text + ":" + std::string(raw));
        });
      }
      std::string text;
      SetWriter results(text, d_, target_.image, plan_, policies_, emitted_);
      results.write(group.annotations, unmodelled);
      states_size_ = states_size_ || results.states_size();
      out.append(head).append(head == "{" ? "" : ",").append("\"result\":").append(text).append("}");
    }
    out += ']';
  }
  /// Who a new set is of.
  static std::string header_of(const std::string& layer) {
    std::string out;
    if (is_prediction_layer(layer)) {
      if (layer == prediction_layer) return out;
      append_json_string(out = "\"model_version\":", std::string_view(layer).substr(prediction_layer.size() + 2));
      return out;
    }
    if (layer.empty()) return out;
    const NumberText n = read_number(layer);
    if (n.integer && n.length == layer.size()) return "\"completed_by\":" + layer;
    append_json_string(out = "\"completed_by\":{\"email\":", layer);
    return out + "}";
  }

  void write_data(JsonWriter& json) {
    const Plan::Target& image = plan_.images[to_size(target_.image)];
    const std::string_view kept = member(residue_, "data");
    const ImageMember said = image_in(kept, plan_.image_key);
    json.begin_object();
    if (said.key.empty()) json.key(plan_.image_key).value(image.reference);
    each_member(kept, [&](const std::string& key, std::string_view raw) { json.key(key).raw(raw); });
    if (!said.key.empty() && said.reference != image.reference) json.key(moved_key).value(image.reference);
    if (target_.splits.size() == 1) json.key("split").value(target_.splits[0]);
    if (target_.splits.size() > 1) {
      json.key("split").begin_array();
      for (const std::string& split : target_.splits) json.value(split);
      json.end_array();
    }
    const Image& row = d_[target_.image];
    if (!states_size_ && row.size_origin == SizeOrigin::stated && row.width > 0 && row.height > 0 &&
        member(kept, "width").empty() && member(kept, "height").empty())
      json.key("width").value(row.width).key("height").value(row.height);
    json.end_object();
  }

  const Dataset& d_;
  const TaskTarget& target_;
  const Plan& plan_;
  const Policies& policies_;
  std::vector<AnnotationIndex>& emitted_;
  std::string_view residue_;
  std::vector<Group> groups_[2];  // of annotators, of models
  bool states_size_ = false;
};

/// The class that further results of a region gave it, where its own had none.
bool labelled_beside(const Dataset& d, AnnotationIndex i) {
  const CategoryIndex category = d[i].category;
  for (const std::string_view raw : elements_of(member(residue_of(d, Owner::annotation, to_size(i)), "results"))) {
    const std::vector<std::string> type = texts_in(member(raw, "type"));
    if (type.size() != 1 || !type[0].ends_with("labels")) continue;
    const std::vector<std::string> labels = texts_in(member(member(raw, "value"), type[0]));
    return category != none<CategoryIndex> && !labels.empty() && labels[0] == d[category].name;
  }
  return category == none<CategoryIndex>;
}

bool same_numbers(std::span<const double> a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

bool written_form_of_points(const Dataset& d, AnnotationIndex i) {
  const ToolForm form = form_of(d, i);
  return (form == ToolForm::skeleton || form == ToolForm::points) && d[i].box_origin == Origin::stated;
}

}  // namespace

bool keeps_value(const Dataset& d, AnnotationIndex i) {
  const std::string_view value = d.authored_text(i);
  const Annotation& a = d[i];
  if (!is_native(d) || value.empty() || a.image == none<ImageIndex>) return false;
  const std::string_view residue = residue_of(d, Owner::annotation, to_size(i));
  const auto side = [&](std::string_view key, std::uint32_t otherwise) {
    const NumberText n = read_number(member(residue, key));
    return n.length > 0 && n.value >= 1 && n.value <= 0x7fffffff ? static_cast<std::uint32_t>(n.value) : otherwise;
  };
  const std::uint32_t width = side("original_width", d[a.image].width);
  const std::uint32_t height = side("original_height", d[a.image].height);
  const Drawn drawn = read_value(value, {}, width, height, {});
  if (!drawn.fault.empty()) return false;
  const bool labelled = drawn.labels.empty()
                            ? labelled_beside(d, i)
                            : a.category != none<CategoryIndex> && d[a.category].name == drawn.labels[0];
  if (!labelled) return false;
  if (a.box_origin == Origin::unplaced) return drawn.numbers.empty();
  const auto numbers = [&](ShapeKind kind) {
    const Shape* const shape = a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, kind);
    return shape == nullptr ? std::span<const double>() : d.numbers_of(*shape);
  };
  switch (drawn.form) {
    case ToolForm::box:
      return (a.kind == Kind::box || (a.kind == Kind::keypoints && written_form_of_points(d, i))) &&
             drawn.numbers == std::vector<double>{a.box.x, a.box.y, a.box.width, a.box.height};
    case ToolForm::rotated:
      return a.kind == Kind::rotated_box && same_numbers(numbers(ShapeKind::numbers), drawn.numbers);
    case ToolForm::ellipse: return a.kind == Kind::ellipse && same_numbers(numbers(ShapeKind::numbers), drawn.numbers);
    case ToolForm::point: return a.kind == Kind::point && same_numbers(numbers(ShapeKind::numbers), drawn.numbers);
    case ToolForm::polygon:
    case ToolForm::polyline: {
      const bool polygon = drawn.form == ToolForm::polygon;
      const Shape* const shape =
          a.shape == none<ShapeIndex> ? nullptr : d.find_shape(a, polygon ? ShapeKind::polygon : ShapeKind::polyline);
      return a.kind == (polygon ? Kind::polygon : Kind::polyline) && shape != nullptr && shape->count == 1 &&
             same_numbers(d.coordinates_of(d.rings_of(*shape).front()), drawn.numbers);
    }
    default: return false;
  }
}

ToolForm written_form(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  if (a.image == none<ImageIndex>) return ToolForm::none;
  const bool kept = a.box_origin == Origin::unplaced && keeps_value(d, i);
  if (kept) return ToolForm::box;
  ToolForm form = form_of(d, i);
  if (form == ToolForm::points) form = ToolForm::skeleton;
  if (form == ToolForm::caption) return form;
  const bool named = a.category != none<CategoryIndex>;
  if (form == ToolForm::tag) return named ? form : ToolForm::none;
  if (form == ToolForm::cuboid || (!named && !is_native(d))) return ToolForm::none;
  const Image& image = d[a.image];
  if (image.width == 0 || image.height == 0) return ToolForm::none;
  if (form == ToolForm::skeleton && !drawn_box(d, a)) return ToolForm::none;
  return form;
}

std::string written_layer(const Dataset& d, AnnotationIndex i) {
  const Annotation& a = d[i];
  const bool named = a.layer < d.layers.size() && !d.layers[a.layer].empty();
  if (named) return d.layers[a.layer];
  return is_unstated(d.score(i)) || is_native(d) ? std::string() : std::string(prediction_layer);
}

std::string task_text(const Dataset& d, const TaskTarget& target, const Plan& plan, const Policies& policies,
                      std::vector<AnnotationIndex>& emitted) {
  return TaskWriter(d, target, plan, policies, emitted).write();
}

}  // namespace vetset::labelstudio_parts
