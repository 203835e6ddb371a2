"""The shapes of our icons, as SVG on a 24 by 24 field: outlines, or filled with ``{ink}`` where they say "yes, this one"."""

from __future__ import annotations

_HEART = "M12 20 4.6 12.4a4.7 4.7 0 0 1 6.6-6.7l.8.8.8-.8a4.7 4.7 0 0 1 6.6 6.7z"
_STAR = "M12 3.6l2.6 5.4 5.9.8-4.3 4.1 1 5.9L12 17l-5.2 2.8 1-5.9L3.5 9.8l5.9-.8z"

SHAPES = {
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>',
    "close": '<path d="M6 6 18 18M18 6 6 18"/>',
    "photos": '<rect x="3" y="6" width="15" height="13" rx="2"/>'
    '<path d="M7 3h12a2 2 0 0 1 2 2v10M3 16l4.5-4.5 4 4 2-2 4.5 4.5"/>',
    "folder": '<path d="M3 7a2 2 0 0 1 2-2h4.2l2 2.4H19a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>',
    "folder-add": '<path d="M3 7a2 2 0 0 1 2-2h4.2l2 2.4H19a2 2 0 0 1 2 2V17a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>'
    '<path d="M12 10.5v5M9.5 13h5"/>',
    "folder-away": '<path d="M21 12V9.4a2 2 0 0 0-2-2h-7.8l-2-2.4H5a2 2 0 0 0-2 2v10a2 2 0 0 0 2 2h7"/>'
    '<path d="M16 15l5 5M21 15l-5 5"/>',
    "phone": '<rect x="7" y="2.5" width="10" height="19" rx="2.2"/><path d="M11 18.3h2"/>',
    "pause": '<path d="M8.5 5v14M15.5 5v14"/>',
    "play": '<path d="M8 5.2v13.6L18.5 12z"/>',
    "attention": '<path d="M12 4 2.8 19.5h18.4z"/><path d="M12 10v4.5M12 17.2v.1"/>',
    "open": '<path d="M14 4h6v6M20 4l-9 9M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4"/>',
    "export": '<path d="M12 15V4M12 4 7.5 8.5M12 4l4.5 4.5M5 13v5a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2v-5"/>',
    "copy": '<rect x="8" y="8" width="12" height="12" rx="2"/>'
    '<path d="M16 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v8a2 2 0 0 0 2 2h2"/>',
    "similar": '<rect x="3" y="3" width="11" height="11" rx="2"/>'
    '<path d="M18 10h1a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-7a2 2 0 0 1-2-2v-1"/>'
    '<path d="M3.5 11.5 7 8l4 5"/>',
    "sun": '<circle cx="12" cy="12" r="4.2"/>'
    '<path d="M12 2.5v2.7M12 18.8v2.7M2.5 12h2.7M18.8 12h2.7M5.3 5.3l1.9 1.9M16.8 16.8l1.9 1.9'
    'M18.7 5.3l-1.9 1.9M7.2 16.8l-1.9 1.9"/>',
    "check": '<path d="M5.5 12.5 10 17l8.5-9.5"/>',
    "remove": '<path d="M5 12h14"/>',
    "add": '<path d="M12 5v14M5 12h14"/>',
    "retry": '<path d="M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.2M20 4v5.2h-5.2"/>',
    "quit": '<path d="M12 3v8M6.3 7.5a7.5 7.5 0 1 0 11.4 0"/>',
    "heart": f'<path d="{_HEART}"/>',
    "heart-full": f'<path fill="{{ink}}" d="{_HEART}"/>',
    "star": f'<path d="{_STAR}"/>',
    "star-full": f'<path fill="{{ink}}" d="{_STAR}"/>',
    "info": '<circle cx="12" cy="12" r="8.5"/><path d="M12 11v5.2M12 7.8v.1"/>',
    "left": '<path d="M14.5 5.5 8 12l6.5 6.5"/>',
    "filter": '<path d="M4 5.5h16l-6.2 7.2v5.6l-3.6 1.7v-7.3z"/>',
    "down": '<path d="M5.5 9.5 12 16l6.5-6.5"/>',
    "right": '<path d="M9.5 5.5 16 12l-6.5 6.5"/>',
    "slideshow": '<rect x="3" y="4" width="18" height="13" rx="2"/><path d="M10.3 8v5l4-2.5zM8.5 20.5h7"/>',
    "screen": '<path d="M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4"/>',
    "fit": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M7 12h10M9.5 9.5 7 12l2.5 2.5M14.5 9.5 17 12l-2.5 2.5"/>',
    "album": '<path d="M5 4h14a1 1 0 0 1 1 1v15a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8 4v17"/>'
    '<path d="M11.5 15.5 14 12.5l2 2 1-1"/>',
    "bookmark": '<path d="M6.5 4h11a1 1 0 0 1 1 1v15.5L12 16l-6.5 4.5V5a1 1 0 0 1 1-1z"/>',
    "history": '<path d="M4.5 12a7.5 7.5 0 1 0 2.2-5.3L4 9.2M4 4v5.2h5.2M12 8v4.4l3 1.8"/>',
    "calendar": '<rect x="3.5" y="5" width="17" height="15.5" rx="2"/><path d="M3.5 10h17M8 2.8V7M16 2.8V7"/>',
    "camera": '<path d="M3 9a2 2 0 0 1 2-2h2.2l1.6-2.4h6.4L16.8 7H19a2 2 0 0 1 2 2v8.5a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2z"/>'
    '<circle cx="12" cy="13" r="3.6"/>',
    "file": '<path d="M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM14 3v5h5"/>',
    "quote": '<path d="M9.5 7C6.5 8 5 10 5 13.2V17h5v-5H7.4M18.5 7c-3 1-4.5 3-4.5 6.2V17h5v-5h-2.6"/>',
    "not": '<circle cx="12" cy="12" r="8.5"/><path d="M6 6l12 12"/>',
    "weight": '<path d="M12 4v15M6.5 19.5h11M5 7h14M5 7l-2.5 6h5zM19 7l-2.5 6h5z"/>',
    "image": '<rect x="3" y="4.5" width="18" height="15" rx="2"/><circle cx="8.5" cy="9.5" r="1.6"/>'
    '<path d="M3 17l5-4.5 3.5 3 3.5-4 6 6"/>',
    "help": '<circle cx="12" cy="12" r="8.5"/><path d="M9.4 9.6a2.7 2.7 0 1 1 3.7 2.5c-.8.4-1.1.9-1.1 1.8M12 16.6v.1"/>',
    "settings": '<path d="M4 7h9M17 7h3M4 12h3M11 12h9M4 17h7M15 17h5"/><circle cx="15" cy="7" r="2"/>'
    '<circle cx="9" cy="12" r="2"/><circle cx="13" cy="17" r="2"/>',
    "place": '<path d="M12 21s-6.5-5.6-6.5-11a6.5 6.5 0 0 1 13 0c0 5.4-6.5 11-6.5 11z"/><circle cx="12" cy="10" r="2.4"/>',
    "more-like": '<path d="M7 11v9H4.5a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM7 11l4-7.5c1.6 0 2.6 1.2 2.3 2.8'
    'L12.6 9.5h5.6a2 2 0 0 1 2 2.4l-1.3 6.4a2 2 0 0 1-2 1.7H7"/>',
    "less-like": '<path d="M7 13V4H4.5a1 1 0 0 0-1 1v7a1 1 0 0 0 1 1zM7 13l4 7.5c1.6 0 2.6-1.2 2.3-2.8'
    'l-.7-3.2h5.6a2 2 0 0 0 2-2.4l-1.3-6.4a2 2 0 0 0-2-1.7H7"/>',
    "clock": '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.3l3.4 2"/>',
    "layers": '<path d="M12 4 3 9l9 5 9-5zM3 14.5l9 5 9-5"/>',
    "sort": '<path d="M7 4v16M7 20l-3-3M7 20l3-3M13 6h8M13 11h6M13 16h4"/>',
}
