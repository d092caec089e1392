// The least work that any program must do: the yardstick of the bench. Keeps nothing, checks nothing, proves nothing.
//
//   g++ -std=c++20 -O2 -o limits bench/limits/limits.cpp $(pkg-config --cflags --libs simdjson)
//
//   limits parse FILE                   read the file, parse it with simdjson
//   limits copy FILE OUT                the same, and write as many bytes
//   limits coco2yolo FILE DIR           boxes only: one label file for each image
//   limits coco2segments FILE DIR       the first ring of each polygon instead of its box
//   limits yolo2coco DIR OUT            read all label files and the headers of all JPEGs, write one document
//   limits walk FILE…                   read each file, and every number and string in it on demand
//   limits create DIR COUNT BYTES       create files
#include <dirent.h>
#include <fcntl.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

namespace json = simdjson::ondemand;

[[noreturn]] void fail(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

/// The whole file, with room behind it that is not counted in size().
struct Text {
  std::string bytes;
  std::size_t size = 0;
};

void slurp(const std::string& path, Text& text) {
  const int file = open(path.c_str(), O_RDONLY);
  struct stat info{};
  if (file < 0 || fstat(file, &info) != 0) fail(path);
  text.size = static_cast<std::size_t>(info.st_size);
  if (text.bytes.size() < text.size + simdjson::SIMDJSON_PADDING)
    text.bytes.resize(text.size + simdjson::SIMDJSON_PADDING);
  for (std::size_t done = 0; done < text.size;) {
    const ssize_t count = read(file, text.bytes.data() + done, text.size - done);
    if (count <= 0) fail(path);
    done += static_cast<std::size_t>(count);
  }
  close(file);
}

void spit(const std::string& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0) fail(path);
  while (!text.empty()) {
    const ssize_t count = write(file, text.data(), text.size());
    if (count <= 0) fail(path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  close(file);
}

std::vector<std::string> list(const std::string& folder) {
  DIR* handle = opendir(folder.c_str());
  if (handle == nullptr) fail(folder);
  std::vector<std::string> names;
  while (const dirent* entry = readdir(handle))
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  closedir(handle);
  std::sort(names.begin(), names.end());
  return names;
}

void append_number(std::string& out, double value, int decimals) {
  char digits[32];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed, decimals).ptr);
}

int parse(const std::string& file, const char* copy_to) {
  Text text;
  slurp(file, text);
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  if (parser.parse(reinterpret_cast<const std::uint8_t*>(text.bytes.data()), text.size, false).get(document) !=
      simdjson::SUCCESS)
    return 1;
  if (copy_to != nullptr) spit(copy_to, std::string_view(text.bytes).substr(0, text.size));
  return 0;
}

struct CocoImage {
  std::string_view name;
  double width = 0, height = 0;
  std::vector<std::size_t> rows;
};

/// A box, or the points of a ring: `count` numbers from `begin` in one array of all.
struct CocoRow {
  std::int64_t image = 0, category = 0;
  std::size_t begin = 0, count = 0;
};

struct Coco {
  std::vector<CocoImage> images;
  std::unordered_map<std::int64_t, std::size_t> image_of, category_of;
  std::vector<CocoRow> rows;
  std::vector<double> numbers;
};

void read_image(json::object record, Coco& coco) {
  CocoImage image;
  std::int64_t id = 0;
  for (auto field : record) {
    const std::string_view key = field.unescaped_key();
    if (key == "file_name") image.name = field.value().get_string();
    if (key == "width") image.width = field.value().get_double();
    if (key == "height") image.height = field.value().get_double();
    if (key == "id") id = field.value().get_int64();
  }
  coco.image_of.emplace(id, coco.images.size());
  coco.images.push_back(std::move(image));
}

void read_annotation(json::object record, bool segments, Coco& coco) {
  CocoRow row;
  row.begin = coco.numbers.size();
  bool crowd = false;
  const auto take = [&](json::array values) {
    for (auto value : values) coco.numbers.push_back(value.get_double());
  };
  for (auto field : record) {
    const std::string_view key = field.unescaped_key();
    if (key == "image_id") row.image = field.value().get_int64();
    if (key == "category_id") row.category = field.value().get_int64();
    if (key == "iscrowd") crowd = field.value().get_int64() != 0;
    if (!segments && key == "bbox") take(field.value().get_array());
    if (segments && key == "segmentation") {
      json::value value = field.value();
      if (value.type() != json::json_type::array) continue;
      bool first = true;
      for (auto ring : value.get_array())
        if (std::exchange(first, false)) take(ring.get_array());
    }
  }
  row.count = coco.numbers.size() - row.begin;
  if (!crowd) coco.rows.push_back(row);
}

void read_coco(const Text& text, bool segments, Coco& coco, json::parser& parser) {
  json::document document =
      parser.iterate(simdjson::padded_string_view(text.bytes.data(), text.size, text.bytes.size()));
  for (auto field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    if (key == "images")
      for (auto record : field.value().get_array()) read_image(record.get_object(), coco);
    if (key == "annotations")
      for (auto record : field.value().get_array()) read_annotation(record.get_object(), segments, coco);
    if (key == "categories")
      for (auto record : field.value().get_array())
        coco.category_of.emplace(record["id"].get_int64(), coco.category_of.size());
  }
  for (std::size_t k = 0; k < coco.rows.size(); ++k)
    if (const auto found = coco.image_of.find(coco.rows[k].image); found != coco.image_of.end())
      coco.images[found->second].rows.push_back(k);
}

void append_row(std::string& out, const Coco& coco, const CocoRow& row, const CocoImage& image, bool segments) {
  const auto number = [&](std::size_t k, double divisor) {
    out += ' ';
    append_number(out, coco.numbers[row.begin + k] / divisor, 6);
  };
  out += std::to_string(coco.category_of.at(row.category));
  if (segments) {
    for (std::size_t k = 0; k < row.count; ++k) number(k, k % 2 == 0 ? image.width : image.height);
  } else {
    const double* box = &coco.numbers[row.begin];
    for (const double value : {(box[0] + box[2] / 2) / image.width, (box[1] + box[3] / 2) / image.height,
                               box[2] / image.width, box[3] / image.height}) {
      out += ' ';
      append_number(out, value, 6);
    }
  }
  out += '\n';
}

int coco_to_yolo(const std::string& file, const std::string& folder, bool segments) {
  Text text;
  slurp(file, text);
  Coco coco;
  json::parser parser;
  read_coco(text, segments, coco, parser);
  mkdir(folder.c_str(), 0755);
  std::string out;
  for (const CocoImage& image : coco.images) {
    out.clear();
    for (const std::size_t k : image.rows)
      if (coco.rows[k].count >= 4) append_row(out, coco, coco.rows[k], image, segments);
    spit(folder + "/" + std::string(image.name.substr(0, image.name.rfind('.'))) + ".txt", out);
  }
  return 0;
}

/// Width and height of a JPEG from its frame header; only the first 4 kB are read.
std::pair<int, int> jpeg_size(const std::string& path) {
  unsigned char bytes[4096];
  const int file = open(path.c_str(), O_RDONLY);
  if (file < 0) fail(path);
  const ssize_t count = read(file, bytes, sizeof bytes);
  close(file);
  for (ssize_t at = 2; at + 9 < count && bytes[at] == 0xff;) {
    const int marker = bytes[at + 1];
    if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
      return {bytes[at + 7] << 8 | bytes[at + 8], bytes[at + 5] << 8 | bytes[at + 6]};
    at += 2 + (bytes[at + 2] << 8 | bytes[at + 3]);
  }
  fail("no frame header: " + path);
}

int yolo_to_coco(const std::string& root, const std::string& out_file) {
  std::string images = "{\"images\":[", annotations;
  std::size_t image_id = 0, annotation_id = 0;
  Text text;
  for (const std::string& name : list(root + "/images/train")) {
    const auto [width, height] = jpeg_size(root + "/images/train/" + name);
    ++image_id;
    images += (image_id > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(image_id) + ",\"file_name\":\"" + name +
              "\",\"width\":" + std::to_string(width) + ",\"height\":" + std::to_string(height) + "}";
    slurp(root + "/labels/train/" + name.substr(0, name.rfind('.')) + ".txt", text);
    const char* at = text.bytes.data();
    const char* const end = at + text.size;
    while (at < end) {
      double v[5] = {};
      for (double& value : v) {
        while (at < end && *at == ' ') ++at;
        at = std::from_chars(at, end, value).ptr;
      }
      while (at < end && *at++ != '\n') {
      }
      const double w = v[3] * width, h = v[4] * height;
      ++annotation_id;
      annotations += (annotation_id > 1 ? ",{\"id\":" : "{\"id\":") + std::to_string(annotation_id) +
                     ",\"image_id\":" + std::to_string(image_id) +
                     ",\"category_id\":" + std::to_string(static_cast<int>(v[0]) + 1) + ",\"iscrowd\":0,\"area\":";
      append_number(annotations, w * h, 2);
      const char* before = ",\"bbox\":[";
      for (const double value : {v[1] * width - w / 2, v[2] * height - h / 2, w, h}) {
        annotations += std::exchange(before, ",");
        append_number(annotations, value, 2);
      }
      annotations += "]}";
    }
  }
  spit(out_file, images + "],\"annotations\":[" + annotations + "],\"categories\":[]}");
  return 0;
}

void walk_value(auto&& value, double& sum) {
  switch (value.type()) {
    case json::json_type::object:
      for (auto field : value.get_object()) {
        sum += static_cast<double>(field.key().raw()[0]);
        walk_value(field.value(), sum);
      }
      break;
    case json::json_type::array:
      for (auto element : value.get_array()) walk_value(element, sum);
      break;
    case json::json_type::number: sum += value.get_double(); break;
    default: sum += static_cast<double>(std::string_view(value.raw_json_token()).size());
  }
}

int walk(const std::string& file) {
  Text text;
  slurp(file, text);
  json::parser parser;
  double sum = 0;
  json::document document =
      parser.iterate(simdjson::padded_string_view(text.bytes.data(), text.size, text.bytes.size()));
  walk_value(document, sum);
  std::printf("%.17g\n", sum);
  return 0;
}

int create(const std::string& folder, int count, std::size_t bytes) {
  mkdir(folder.c_str(), 0755);
  const std::string text(bytes, 'x');
  for (int k = 0; k < count; ++k) spit(folder + "/" + std::to_string(k) + ".txt", text);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  const std::vector<std::string> args(words + 1, words + count);
  const auto is = [&](std::string_view name, std::size_t arguments) {
    return !args.empty() && args[0] == name && args.size() == arguments + 1;
  };
  if (is("parse", 1)) return parse(args[1], nullptr);
  if (is("copy", 2)) return parse(args[1], args[2].c_str());
  if (is("coco2yolo", 2)) return coco_to_yolo(args[1], args[2], false);
  if (is("coco2segments", 2)) return coco_to_yolo(args[1], args[2], true);
  if (is("yolo2coco", 2)) return yolo_to_coco(args[1], args[2]);
  if (args.size() > 1 && args[0] == "walk") {
    for (std::size_t k = 1; k < args.size(); ++k) walk(args[k]);
    return 0;
  }
  if (is("create", 3))
    return create(args[1], std::atoi(args[2].c_str()), static_cast<std::size_t>(std::atoll(args[3].c_str())));
  std::fputs(
      "usage: limits parse FILE | copy FILE OUT | coco2yolo FILE DIR | coco2segments FILE DIR | yolo2coco DIR OUT | "
      "walk FILE... | create DIR COUNT BYTES\n",
      stderr);
  return 2;
}
