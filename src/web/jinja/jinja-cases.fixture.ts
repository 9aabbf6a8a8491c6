// Templates with values, whose results Jinja itself is asked for.

/** A template, or several of which `main.html` is rendered. */
export interface JinjaCase {
  readonly source: string | Readonly<Record<string, string>>;
  readonly values?: Readonly<Record<string, unknown>>;
}

const user = { name: "Ann <b>", age: 41, tags: ["x", "y & z"], address: { city: "Rome" }, admin: true, nick: null };
const posts = [
  { id: 1, title: "First", author: "ann", score: 3 },
  { id: 2, title: "second", author: "bob", score: 10 },
  { id: 3, title: "Third", author: "ann", score: 7 },
];

function plain(...sources: readonly string[]): JinjaCase[] {
  return sources.map((source) => ({
    source,
    values: { user, posts, n: 7, text: "hello <World>", empty: [], no: null },
  }));
}

const base = `<title>{% block title %}Base{% endblock %}</title>{% block body %}base {{ n }}{% endblock %}<footer>`;

const output = plain(
  "Hello {{ text }}",
  "{{ user.name }} {{ user['name'] }} {{ user.address.city }} {{ user.missing }}|",
  "{{ missing }}|{{ no }}|{{ true }}|{{ false }}|{{ none }}",
  "{{ [1, 'a', none, true] }} {{ {'a': 1, 'b': [2]} }}",
  "{{ 'it\\'s' }} {{ [\"it's\"] }} {{ 'a\\nb' }}",
  "{{ 1 + 2 * 3 - 4 }} {{ 2 ** 3 }} {{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 % 3 }} {{ (1 + 2) * 3 }}",
  "{{ 7 / 2 }} {{ 1.5 + 1 }} {{ -n }} {{ -n|abs }} {{ +n }} {{ 2 - -1 }}",
  "{{ 'a' ~ 1 ~ none ~ 'b' }} {{ 'a' + 'b' }} {{ [1] + [2] }} {{ 'ab' * 3 }}",
  "{{ text ~ ('<i>'|safe) }} {{ '<b>' + text }} {{ ('<b>'|safe) + text }}",
  "{{ 1 < 2 }} {{ 1 < 2 < 3 }} {{ 3 > 2 >= 2 }} {{ 1 == 1.0 }} {{ 'a' != 'b' }} {{ not n }} {{ 1 == true }}",
  "{{ 'a' in 'abc' }} {{ 2 not in [1, 3] }} {{ 'name' in user }} {{ 'x' in missing }}",
  "{{ 'yes' if n else 'no' }} {{ 'yes' if empty else 'no' }} {{ 'x' if empty }}|",
  "{{ 'a' if false else 'b' if false else 'c' }}",
  "{{ n or 1 }} {{ empty or 'none' }} {{ n and 'x' }} {{ '' and 1 }}|{{ 0 or '' }}|{{ not not n }}",
  "{{ text[0] }} {{ text[-1] }} {{ text[1:3] }} {{ text[::-1] }} {{ text[:2] }} {{ [1,2,3,4][1:] }} {{ [1,2,3,4][::2] }} {{ [1,2,3][5:] }} {{ [1,2,3,4][-2:] }} {{ [1,2,3,4][3:0:-1] }}",
  "{{ (1, 2)|length }} {{ 1, 2|string }}|{{ ()|length }}|{{ (1)|string }}|{{ [1,]|length }}",
  "{{ {'a': {'b': 1}}.a.b }} {{ {'a': {'b': {'c': 2}}}['a']['b']['c'] }}",
  "{{ [[1, 2], [3]].0.1 }} {{ posts.0.title }} {{ posts[1]['title'] }}",
  "{{ 1_000 }} {{ 1e3|int }} {{ 0.5 }}",
  '{{ "a" "b" }} {{ \'c\' "d" }}',
  "a #} b { { % } c }} %} d",
  "{{ '%}' }} {{ '}}' }} {# {{ n }} #}{# multi\nline #}end",
  "{{ user.name.upper() }} {{ ' x '.strip() }}| {{ 'a,b'.split(',') }} {{ ', '.join(user.tags) }}",
  "{{ 'abc'.startswith('ab') }} {{ 'x'.center(5) }}| {{ 'hello world'.title() }} {{ 'A b'.lower() }} {{ 'aXbX'.replace('X', '-') }} {{ 'aXbX'.replace('X', '-', 1) }}",
  "{{ 'a b  c'.split() }} {{ 'a-b-c'.split('-', 1) }} {{ 'a-b-c'.rsplit('-', 1) }} {{ 'abc'.find('c') }} {{ '12'.isdigit() }} {{ '7'.zfill(3) }} {{ 'a=b'.partition('=') }}",
  "{{ 'x{}y{}'.format(1, 2) }} {{ '{:.2f}|{:>5}|{:<4}|{:05d}'.format(1.5, 'a', 'b', 42) }} {{ '{:,}'.format(1234567) }}",
  "{{ '%s is %d and %.2f' % ('a', 3, 1.5) }} {{ '%05d|%-5s|%5s' % (42, 'a', 'b') }} {{ '%(a)s' % {'a': 1} }} {{ '100%%' % () }}",
  "{{ '%s'|format(text) }} {{ '%s - %s'|format(1, 2) }} {{ ('<b>%s</b>'|safe)|format(text) }} {{ ('<b>%s</b>'|safe) % text }}",
  "{{ user.tags.count('x') }} {{ user.tags.index('x') }} {{ user.get('name') }} {{ user.get('zip', 'none') }} {{ user.get('zip') }}",
);

const filters = plain(
  "{{ text|upper }} {{ text|lower }} {{ text|title }} {{ text|capitalize }} {{ text|length }} {{ text|reverse }}",
  "{{ text|e }} {{ text|safe }} {{ text|escape|escape }} {{ text|forceescape }} {{ text|safe|forceescape }} {{ text|e|upper }}",
  "{{ missing|default('d') }} {{ ''|default('d') }}| {{ ''|default('d', true) }} {{ ''|d('e', boolean=true) }} {{ user.x|d }}|",
  "{{ user.tags|join(', ') }} {{ user.tags|join('<br>'|safe) }} {{ posts|join(',', attribute='title') }} {{ [1,2]|join }}",
  "{{ [3,1,2]|sort }} {{ ['b','A','c']|sort }} {{ ['b','A']|sort(case_sensitive=true) }} {{ posts|sort(attribute='score', reverse=true)|map(attribute='id')|list }}",
  "{{ posts|sort(attribute='author,score')|map(attribute='id')|list }} {{ [1,2,3]|sum }} {{ posts|sum(attribute='score') }} {{ posts|sum('score', 5) }}",
  "{{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ []|first }}| {{ [3,1]|min }} {{ [3,1]|max }} {{ posts|max(attribute='score') is mapping }} {{ ['b','A']|min }}",
  "{{ [1,1,2]|unique|list }} {{ ['a','A']|unique|list }} {{ [1,2,3]|reverse|list }} {{ 'ab'|list }} {{ user.address|list }}",
  "{{ {'b': 1, 'a': 2}|dictsort }} {{ {'b': 1, 'a': 2}|dictsort(by='value') }} {{ {'b': 1, 'a': 2}|items|list }}",
  "{{ [1,2,3,4,5]|batch(2)|list }} {{ [1,2,3]|batch(2, 'x')|list }} {{ [1,2,3,4,5]|slice(2)|list }} {{ [1,2,3,4]|slice(3, 0)|list }}",
  "{% for author, items in posts|groupby('author') %}{{ author }}:{% for p in items %}{{ p.id }}{% endfor %};{% endfor %}",
  "{% for g in posts|groupby('author') %}{{ g.grouper }}={{ g.list|length }};{% endfor %}",
  "{{ posts|map(attribute='title')|map('upper')|join('-') }} {{ [1,2,3,4]|select('odd')|list }} {{ [1,2,3]|reject('odd')|list }} {{ [0,1,'']|select|list }}",
  "{{ posts|selectattr('author', 'equalto', 'ann')|map(attribute='id')|list }} {{ posts|rejectattr('score', 'gt', 5)|list|length }} {{ [user]|selectattr('admin')|list|length }} {{ posts|selectattr('id', 'in', [1,3])|list|length }}",
  "{{ posts|map(attribute='x', default='-')|list }} {{ ['1','2']|map('int')|sum }} {{ ['a b']|map('replace', ' ', '_')|list }}",
  "{{ '3.7'|int }} {{ '3.7'|float }} {{ 'x'|int }} {{ 'x'|int(5) }} {{ '0x1f'|int(0, 16) }} {{ 3.7|int }} {{ '42'|int + 1 }}",
  "{{ 2.5|round }} {{ 3.5|round }} {{ 2.567|round(2) }} {{ 2.1|round(0, 'ceil') }} {{ 2.9|round(method='floor') }}",
  "{{ 'a very long text that goes on'|truncate(15) }} {{ 'a very long text'|truncate(9, true, '…', 0) }} {{ 'short'|truncate(9) }}",
  "{{ 'one two three four five'|wordwrap(9) }} {{ 'one two'|wordcount }} {{ 'a\\nb'|indent(2) }} {{ 'a\\nb'|indent(2, true) }} {{ 'abcdefghij kl'|wordwrap(4) }}",
  "{{ ' x '|trim }}| {{ '--x-'|trim('-') }} {{ 'x'|center(5) }}| {{ 'aba'|replace('a', '<') }} {{ 'aba'|replace('a', 'c', 1) }} {{ ('<b>'|safe)|replace('b', '<') }}",
  "{{ '<p>a <b>b</b>  c</p> &amp; d'|striptags }} {{ 'a b&c/d'|urlencode }} {{ {'a': 'x y', 'b': 1}|urlencode }} {{ [['a', '1/2']]|urlencode }}",
  "<ul{{ {'class': 'a b', 'id': none, 'title': '\"x\"'}|xmlattr }}> {{ {'a': 1}|xmlattr(false) }}",
  "{{ 'see http://example.com/a?b=1&c=2 now, www.x.org.'|urlize }} {{ 'http://example.com/long'|urlize(10, true) }}",
  "{{ 1|filesizeformat }} {{ 999|filesizeformat }} {{ 1500|filesizeformat }} {{ 2048|filesizeformat(true) }} {{ 3000000|filesizeformat }}",
  "{{ -3|abs }} {{ n|string ~ 'x' }} {{ n|string|length }} {{ user|attr('x') }}| {{ [1,2]|count }} {{ 'x'|pprint|length > 0 }}",
  "<script>var x = {{ text|tojson }}, y = {{ [1, none, true]|tojson }};</script><p data-x='{{ \"it's <b>\"|tojson }}'>",
  "{{ 'x'|default|upper }}{{ 'a'|upper ~ 'b'|lower }} {{ 1 + '2'|int }} {{ ('a' ~ 'b')|upper }} {{ not 'a'|length }}",
  "{% filter upper %}a {{ text }}{% endfilter %} {% filter replace('a', 'b')|trim %} aa {% endfilter %}",
);

const tests = plain(
  "{{ n is defined }} {{ missing is defined }} {{ missing is undefined }} {{ missing is not defined }} {{ no is none }} {{ user.x is defined }}",
  "{{ n is odd }} {{ n is even }} {{ n is divisibleby 7 }} {{ n is divisibleby(2) }} {{ n is number }} {{ text is string }} {{ user is mapping }}",
  "{{ [] is iterable }} {{ [] is sequence }} {{ 'a' is sequence }} {{ n is iterable }} {{ true is boolean }} {{ 1 is integer }} {{ 1.5 is float }} {{ true is true }} {{ 1 is true }}",
  "{{ 'a' is lower }} {{ 'A' is upper }} {{ 'a' is in ['a'] }} {{ 1 is eq 1 }} {{ 1 is ne 2 }} {{ 1 is lt 2 }} {{ 2 is gt(1) }} {{ n is sameas n }} {{ ('a'|safe) is escaped }} {{ 'a' is escaped }}",
  "{{ 'upper' is filter }} {{ 'nope' is filter }} {{ 'odd' is test }} {{ range is callable }} {{ n is callable }}",
  "{{ n is odd and n is not even }} {{ 'y' if n is defined else 'n' }} {{ not n is odd }} {{ n is odd == true }}",
);

const statements = plain(
  "{% if n > 10 %}a{% elif n > 5 %}b{% else %}c{% endif %}{% if empty %}x{% endif %}{% if not empty and n %}y{% endif %}",
  "{% for p in posts %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.revindex }}{{ loop.revindex0 }} {{ p.title }};{% endfor %}",
  "{% for p in posts %}{{ loop.cycle('odd', 'even') }} {{ loop.previtem.id }}<{{ loop.nextitem.id if loop.nextitem }} {{ loop.depth }}{% else %}none{% endfor %}".replace(
    "{{ loop.previtem.id }}",
    "{{ loop.previtem.id if loop.previtem }}",
  ),
  "{% for x in empty %}x{% else %}none{% endfor %}{% for x in missing %}x{% else %}none{% endfor %}",
  "{% for p in posts if p.author == 'ann' %}{{ loop.index }}/{{ loop.length }} {{ p.id }} {% else %}none{% endfor %}",
  "{% for k, v in user.address.items() %}{{ k }}={{ v }};{% endfor %}{% for k in user.address %}{{ k }}{% endfor %}{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
  "{% for i in range(3) %}{{ i }}{% endfor %} {% for i in range(5, 1, -2) %}{{ i }}{% endfor %} {{ range(4)|list }} {% for c in 'abc' %}{{ c }}.{% endfor %}{% for x in 1, 2 %}{{ x }}{% endfor %}",
  "{% for row in [[1,2],[3]] %}{% for x in row %}{{ loop.index }}{{ x }}{% endfor %}|{{ loop.index }}{% endfor %}",
  "{% for x in [1,2,3,4] %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}",
  "{% for x in [1,1,2] %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}",
  "{% for item in [{'n': 1, 'c': [{'n': 2, 'c': []}]}] recursive %}<li>{{ item.n }}{{ loop.depth }}{% if item.c %}<ul>{{ loop(item.c) }}</ul>{% endif %}</li>{% endfor %}",
  "{% set a = 1 %}{{ a }}{% set a, b = 2, 3 %}{{ a }}{{ b }}{% set x %}<b>{{ text }}</b>{% endset %}{{ x }}{% set y | upper %}abc{% endset %}{{ y }}",
  "{% set x = 1 %}{% for i in [1] %}{% set x = 2 %}{{ x }}{% endfor %}{{ x }}{% if true %}{% set x = 3 %}{% endif %}{{ x }}",
  "{% set ns = namespace(found=false, count=0) %}{% for i in [1,2] %}{% set ns.count = ns.count + i %}{% endfor %}{{ ns.count }} {{ ns.found }}",
  "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a }}|{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}|{% with messages = [] %}{% if messages %}x{% else %}none{% endif %}{% endwith %}",
  "{% macro input(name, value='', type='text') %}<input name='{{ name }}' value='{{ value }}' type='{{ type }}'>{% endmacro %}{{ input('a') }}{{ input('b', text, type='password') }}{{ input(name='c') }}",
  "{% macro m() %}{{ varargs }} {{ kwargs }}{% endmacro %}{{ m(1, 2, a=3) }} {% macro t(a, b) %}{{ b is defined }}{% endmacro %}{{ t(1) }}",
  "{% macro box(title) %}<div>{{ title }}{{ caller() }}</div>{% endmacro %}{% call box('<t>') %}<b>{{ text }}</b>{% endcall %}",
  "{% macro each(items) %}{% for i in items %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(x) each([1,2]) %}[{{ x }}]{% endcall %}",
  "{% macro fact(k) %}{% if k > 1 %}{{ k }}*{{ fact(k - 1) }}{% else %}1{% endif %}{% endmacro %}{{ fact(4) }} {% macro d(a, b=a) %}{{ b }}{% endmacro %}",
  "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(text)|upper }} {{ m(text) ~ '<' }} {{ m('x').strip() }} {{ m.name }}",
  "{% raw %}{{ not }} {% this %}{% endraw %} {%- raw -%} x {%- endraw -%} y",
  "a  {%- if true -%}  b  {%- endif -%}  c {{- n -}} d {#- x -#} e",
  "a\n  {% if true %}\n  b\n  {% endif %}\nc\n",
  "a\n\n",
  "{% autoescape false %}{{ text }}{% endautoescape %}{{ text }}{% autoescape true %}{{ text }}{% endautoescape %}",
  "{% do user.tags.append('q') %}{{ user.tags }} {% set d = {} %}{% do d.update({'a': 1}) %}{{ d }}",
  "{% set c = cycler('a', 'b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }} {% set j = joiner('|') %}{{ j() }}1{{ j() }}2 {{ dict(a=1, b=2) }}",
  "{{ m }}{% if n %}{% macro late() %}late{% endmacro %}{{ late() }}{% endif %}",
  "{%+ if true +%} x {%+ endif %}",
);

const inheritance: JinjaCase[] = [
  {
    "main.html": "{% extends 'base.html' %}{% block body %}child {{ n }} {{ super() }}{% endblock %}",
    "base.html": base,
  },
  {
    "main.html": "{% extends 'base.html' %}{% set n = 9 %}ignored{% block body %}{{ n }}{% endblock %}",
    "base.html": base,
  },
  {
    "main.html": "{% extends 'mid.html' %}{% block body %}3{{ super() }}{% endblock %}",
    "mid.html":
      "{% extends 'base.html' %}{% block body %}2{{ super() }}{% endblock %}{% block title %}Mid{% endblock %}",
    "base.html": base,
  },
  {
    "main.html": "{% extends 'base.html' %}{% block title %}{% block inner %}x{% endblock %}{% endblock %}",
    "base.html": base,
  },
  { "main.html": "{% block a %}A{% endblock %}{{ self.a() }}{{ self.a() }}" },
  {
    "main.html":
      "{% for i in [1,2] %}{% block item scoped %}{{ i }}{% endblock %}{% endfor %}{% for i in [1] %}{% block other %}{{ i }}{% endblock %}{% endfor %}",
  },
  {
    "main.html":
      "{% include 'part.html' %}{% include 'none.html' ignore missing %}{% include ['none.html', 'part.html'] %}",
    "part.html": "[{{ n }}]",
  },
  {
    "main.html": "{% for i in [1,2] %}{% include 'part.html' %}{% include 'part.html' without context %}{% endfor %}",
    "part.html": "({{ i }})",
  },
  {
    "main.html": "{% import 'forms.html' as forms %}{{ forms.input('a') }}{{ forms.x }}{{ forms.ctx() }}",
    "forms.html":
      "{% macro input(n) %}<i>{{ n }}</i>{% endmacro %}{% set x = 5 %}{% macro ctx() %}{{ n }}{% endmacro %}text",
  },
  {
    "main.html": "{% from 'forms.html' import input as i, ctx with context %}{{ i('a') }}{{ ctx() }}",
    "forms.html": "{% macro input(n) %}<i>{{ n }}</i>{% endmacro %}{% macro ctx() %}{{ n }}{% endmacro %}",
  },
  {
    "main.html":
      "{% extends 'base.html' %}{% from 'forms.html' import input %}{% block body %}{{ input('<') }}{% endblock %}",
    "base.html": base,
    "forms.html": "{% macro input(n) %}<i>{{ n }}</i>{% endmacro %}",
  },
  {
    "main.html": "{% extends 'base.html' if n > 5 else 'other.html' %}{% block title %}T{% endblock %}",
    "base.html": base,
    "other.html": "other",
  },
  {
    "main.html":
      "{% extends 'base.html' %}{% block header %}<h1>{% block title %}Log In{% endblock %}</h1>{% endblock %}",
    "base.html":
      "<title>{% block title %}{% endblock %} - Flaskr</title><header>{% block header %}{% endblock %}</header>",
  },
  { "main.html": "{% include 'a.txt' %}{{ text }}", "a.txt": "{{ text }}" },
  {
    "main.html":
      "{% extends 'base.html' %}{% macro local() %}L{% endmacro %}{% block body %}{{ local() }}{% endblock %}",
    "base.html": base,
  },
  { "main.html": "{% extends 'base.html' %}{% block title %}{{ self.body() }}{% endblock %}", "base.html": base },
].map((source) => ({ source: source as Readonly<Record<string, string>>, values: { n: 7, text: "<t>" } }));

const failing = plain(
  "{{ missing.x }}",
  "{{ missing() }}",
  "{{ user.missing.x }}",
  "{{ 1 / 0 }}",
  "{{ 'a' + 1 }}",
  "{{ missing + 1 }}",
  "{{ text|nope }}",
  "{{ n is nope }}",
  "{% if %}",
  "{% for x %}{% endfor %}",
  "{% nope %}",
  "{% if true %}",
  "{{ 'a }}",
  "{{ n ",
  "{# n",
  "{% endif %}",
  "{% block a %}{% endblock %}{% block a %}{% endblock %}",
  "{{ 1 2 }}",
  "{% set = 1 %}",
  "{% for x in no %}{% endfor %}",
  "{% for a, b in [1] %}{% endfor %}",
  "{{ [1, 'a']|sort }}",
  "{% include 'nope.html' %}",
  "{% extends 'nope.html' %}",
  "{{ n(1) }}",
  "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
  "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
  "{% break %}",
  "{{ super() }}",
  "{{ missing|tojson }}",
);

/** The cases that Jinja renders. */
export const cases: readonly JinjaCase[] = [...output, ...filters, ...tests, ...statements, ...inheritance];

/** The cases that Jinja refuses. */
export const refusedCases: readonly JinjaCase[] = failing;
