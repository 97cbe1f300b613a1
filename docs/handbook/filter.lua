-- One chapter's sources, seen by pandoc: pictures are drawn, links lead to the handbook's pages.
--
-- A ```dot or ```seq block becomes the SVG that `svclab picture` draws; its "// title:" and
-- "// alt:" lines name it. Without Graphviz the source stays, with a sentence that says why.
-- A link to a .md file leads to its page; a link to any other file of the repository leads to
-- that file. A link to a file that is not there is an error: a book with dead links is not made.
--
-- A table stands in a box of its own, which scrolls where the page is narrow.
--
-- Metadata: source, the chapter's path from the root of the repository; chapters, the file with the
-- list of chapters, in which this one is marked.

local svclab = os.getenv('SVCLAB') or 'build/svclab'
local source, folder = '', ''

-- Ends pandoc with one sentence; the page is not made.
local function fail(words)
  io.stderr:write(source .. ': ' .. words .. '\n')
  os.exit(1)
end

-- labs/01-order/README.md -> 01-order.html, docs/README.md -> index.html, docs/x.md -> x.html,
-- exercises/README.md -> exercises.html, exercises/x.md and exercises/x/README.md -> x.html;
-- nil for a .md file that is no chapter.
local function page_of(path)
  if path == 'docs/README.md' then return 'index.html' end
  if path == 'exercises/README.md' then return 'exercises.html' end
  local name = path:match('^labs/([^/]+)/README%.md$') or path:match('^docs/([^/]+)%.md$')
    or path:match('^exercises/([^/]+)/README%.md$') or path:match('^exercises/([^/]+)%.md$')
    or path:match('^docs/adr/(%d[^/]*)%.md$')
  return name and name .. '.html'
end

-- folder/../a/./b as a/b
local function resolve(path)
  local parts = {}
  for part in (folder .. '/' .. path):gmatch('[^/]+') do
    if part == '..' then
      table.remove(parts)
    elseif part ~= '.' then
      parts[#parts + 1] = part
    end
  end
  return table.concat(parts, '/')
end

local function exists(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function source_of(meta)
  source = pandoc.utils.stringify(meta.source or '')
  folder = source:match('^(.*)/[^/]*$') or ''
end

local function link(element)
  local path, anchor = element.target:match('^([^#]*)(#?.*)$')
  if path == '' or path:match('^%a[%w+.-]*:') then return nil end
  local target = resolve(path)
  if not exists(target) then
    fail('the link to ' .. element.target .. ' leads nowhere: there is no ' .. target)
  end
  element.target = (page_of(target) or '../../' .. target) .. anchor
  return element
end

local function picture(block)
  if block.classes[1] ~= 'dot' and block.classes[1] ~= 'seq' then return nil end
  local drawn, svg = pcall(pandoc.pipe, svclab, {'picture', '-'}, block.text)
  if not drawn then
    return {pandoc.Para{pandoc.Strong{pandoc.Str('This picture could not be drawn: is Graphviz installed?')}}, block}
  end
  local title = block.text:match('// title: ([^\n]+)')
  local caption = title and '<figcaption>' .. title:gsub('&', '&amp;'):gsub('<', '&lt;') .. '</figcaption>' or ''
  return pandoc.RawBlock('html', '<figure>' .. svg .. caption .. '</figure>')
end

local function in_a_box(element)
  return pandoc.Div({element}, {class = 'scroll'})
end

-- The list of chapters, as HTML for the template; the page itself is its current one.
local function chapters_of(meta)
  local file = io.open(pandoc.utils.stringify(meta.chapters or ''))
  if not file then fail('there is no list of chapters; run make handbook') end
  local list, here = file:read('a'), '<a href="' .. (page_of(source) or '') .. '"'
  file:close()
  local from, to = list:find(here, 1, true)
  if from then list = list:sub(1, to) .. ' aria-current="page"' .. list:sub(to + 1) end
  return pandoc.MetaBlocks{pandoc.RawBlock('html', list)}
end

-- Every #anchor of the page itself is a heading of it. The checks' table links to the place where
-- each check is explained, so this also proves that `make check` names places that exist.
local function check_anchors(document)
  local known = {}
  pandoc.walk_block(pandoc.Div(document.blocks), {Header = function(header) known[header.identifier] = true end})
  pandoc.walk_block(pandoc.Div(document.blocks), {Link = function(element)
    local anchor = element.target:match('^#(.+)$')
    if anchor and not known[anchor] then
      fail('the link to #' .. anchor .. ' leads nowhere: no heading here has that name')
    end
  end})
end

-- The first h1 is the page's title.
local function title_of(document)
  check_anchors(document)
  document.meta.chapters = chapters_of(document.meta)
  for _, block in ipairs(document.blocks) do
    if block.t == 'Header' and block.level == 1 then
      document.meta.pagetitle = pandoc.utils.stringify(block)
      break
    end
  end
  return document
end

return {{Meta = source_of}, {Link = link, CodeBlock = picture, Table = in_a_box}, {Pandoc = title_of}}
