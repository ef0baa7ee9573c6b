// The drawing of the benchmark of tables (table_report.h), plain SVG.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "bench/table_report.h"

namespace p4bpf::bench {
namespace {

constexpr double kPanelWidth = 540, kPanelHeight = 400;
constexpr double kLeft = 62, kTop = 34, kRight = 20, kBottom = 118;  // room for axes and legend
constexpr const char* kColours[] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#7f7f7f", "#a6761d"};

struct Point {
  double entries, ns;
};
struct Series {
  std::string name;
  bool is_ours = false;
  std::vector<Point> points;
};

/// Tables by label, and what stands beside them.
std::vector<Series> series_of(const std::vector<TableMeasurement>& measured, TableKind kind) {
  std::vector<Series> all;
  const auto add = [&](const std::string& name, bool is_ours, Point point) {
    auto at = std::find_if(all.begin(), all.end(), [&](const Series& one) { return one.name == name; });
    if (at == all.end()) at = all.insert(all.end(), {name, is_ours, {}});
    at->points.push_back(point);
  };
  for (const bool is_ours : {true, false}) {
    for (const TableMeasurement& one : measured) {
      if (one.what.kind != kind) continue;
      const auto entries = static_cast<double>(one.what.count);
      const std::string label = label_of(one.what);
      if (is_ours) add("p4bpf: " + label, true, {entries, one.ns});
      if (is_ours) continue;
      const std::size_t comma = label.find(", ");
      const std::string variant = comma == std::string::npos ? "" : label.substr(comma);
      for (const auto& other : one.by_hand) add(other.name + variant, false, {entries, other.ns});
    }
  }
  return all;
}

/// A decimal logarithmic axis of so many pixels.
struct Axis {
  int low = 0, high = 1;  // powers of ten
  double start = 0, length = 0;
  double at(double value) const { return start + length * (std::log10(value) - low) / (high - low); }
};

Axis axis_for(std::vector<double> values, double start, double length) {
  Axis axis{0, 1, start, length};
  if (values.empty()) return axis;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  axis.low = static_cast<int>(std::floor(std::log10(*low)));
  axis.high = std::max(axis.low + 1, static_cast<int>(std::ceil(std::log10(*high))));
  return axis;
}

std::string power(int exponent) {
  constexpr const char* kNames[] = {"1", "10", "100", "1 k", "10 k", "100 k", "1 M", "10 M"};
  return exponent >= 0 && exponent < 8 ? kNames[exponent] : fmt::format("1e{}", exponent);
}

std::string text_at(double x, double y, const std::string& anchor, const std::string& text,
                    const std::string& more = {}) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y, anchor, more, text);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

std::string draw_axes(const Axis& x, const Axis& y, const std::string& title) {
  constexpr const char* kGrid = "stroke=\"#dddddd\"";
  std::string svg;
  const double right = x.start + x.length, top = y.start + y.length;
  for (int power_of = x.low; power_of <= x.high; ++power_of) {
    const double at = x.at(std::pow(10, power_of));
    svg += line(at, y.start, at, top, kGrid) + text_at(at, y.start + 16, "middle", power(power_of));
  }
  for (int power_of = y.low; power_of <= y.high; ++power_of) {
    const double at = y.at(std::pow(10, power_of));
    svg += line(x.start, at, right, at, kGrid) + text_at(x.start - 6, at + 4, "end", power(power_of));
  }
  svg += line(x.start, y.start, right, y.start, "stroke=\"black\"") +
         line(x.start, y.start, x.start, top, "stroke=\"black\"");
  svg += text_at(x.start + x.length / 2, y.start + 34, "middle", "entries");
  svg +=
      text_at(0, 0, "middle", "ns a lookup",
              fmt::format(" transform=\"translate({:.1f} {:.1f}) rotate(-90)\"", x.start - 44, y.start + y.length / 2));
  return svg + text_at(x.start + x.length / 2, top - 12, "middle", title, " font-weight=\"bold\" font-size=\"15\"");
}

std::string draw_series(const Series& series, const Axis& x, const Axis& y, std::size_t colour) {
  const std::string stroke = fmt::format("stroke=\"{}\" stroke-width=\"{}\"{}", kColours[colour % std::size(kColours)],
                                         series.is_ours ? 2.5 : 1.5, series.is_ours ? "" : " stroke-dasharray=\"5 4\"");
  std::string points, dots;
  for (const Point& point : series.points) {
    points += fmt::format("{:.1f},{:.1f} ", x.at(point.entries), y.at(point.ns));
    dots += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\" fill=\"{}\"/>\n", x.at(point.entries),
                        y.at(point.ns), kColours[colour % std::size(kColours)]);
  }
  return fmt::format("<polyline points=\"{}\" fill=\"none\" {}/>\n", points, stroke) + dots;
}

/// Two columns below the panel: ours left, what is by hand right.
std::string draw_legend(const std::vector<Series>& all, double left, double top) {
  std::string svg;
  std::size_t rows[2] = {0, 0};
  std::map<bool, std::size_t> colours;
  for (const Series& one : all) {
    const double x = left + (one.is_ours ? 0 : 205);
    const double y = top + 17.0 * static_cast<double>(rows[one.is_ours ? 0 : 1]++);
    const std::size_t colour = colours[one.is_ours]++;
    svg += line(x, y - 4, x + 26, y - 4,
                fmt::format("stroke=\"{}\" stroke-width=\"{}\"{}", kColours[colour % std::size(kColours)],
                            one.is_ours ? 2.5 : 1.5, one.is_ours ? "" : " stroke-dasharray=\"5 4\""));
    svg += text_at(x + 32, y, "start", one.name);
  }
  return svg;
}

std::string draw_panel(const std::vector<Series>& all, const std::string& title, double left, double top) {
  std::vector<double> entries, ns;
  for (const Series& series : all) {
    for (const Point& point : series.points) {
      entries.push_back(point.entries);
      ns.push_back(std::max(point.ns, 0.1));
    }
  }
  const Axis x = axis_for(entries, left + kLeft, kPanelWidth - kLeft - kRight);
  const Axis y = axis_for(ns, top + kPanelHeight - kBottom, -(kPanelHeight - kTop - kBottom));
  std::string svg = draw_axes(x, y, title);
  std::map<bool, std::size_t> colours;
  for (const Series& series : all) svg += draw_series(series, x, y, colours[series.is_ours]++);
  return svg + draw_legend(all, left + kLeft - 30, top + kPanelHeight - kBottom + 58);
}

}  // namespace

std::string as_plot(const std::vector<TableMeasurement>& measured) {
  constexpr std::pair<TableKind, const char*> kPanels[] = {{TableKind::kExact, "exact"},
                                                           {TableKind::kLpm, "longest prefix"},
                                                           {TableKind::kTernary, "ternary"},
                                                           {TableKind::kRange, "range"}};
  std::string body;
  std::size_t drawn = 0;
  for (const auto& [kind, title] : kPanels) {
    const std::vector<Series> all = series_of(measured, kind);
    if (all.empty()) continue;
    body += draw_panel(all, title, kPanelWidth * static_cast<double>(drawn % 2),
                       kPanelHeight * static_cast<double>(drawn / 2));
    ++drawn;
  }
  const double width = kPanelWidth * (drawn > 1 ? 2 : 1);
  const double height = kPanelHeight * static_cast<double>((drawn + 1) / 2);
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" viewBox=\"0 0 {0} {1}\" "
             "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
             width, height) +
         body + "</svg>\n";
}

}  // namespace p4bpf::bench
