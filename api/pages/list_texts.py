"""Words of the list of households: in Chinese and in English."""

from api.settings import Lang

LIST_TEXTS: dict[Lang, dict[str, str]] = {
    "zh": {
        "index": "困难指数",
        "circle": "圈层",
        "category": "类别",
        "index_not_made": "还没有算出",
        "hardest_first": "最困难的在前；",
        "index_of": "指数按 {d} 的情况算出，此后有变动的户已重新计算。",
        "between_days": "{a}至{b}",
        "index_none": "本页有 {n} 户还没有算出，排在后面，等下一次批量计算。",
        "narrow": "筛选",
        "all": "全部",
        "new_household": "新登记一户",
    },
    "en": {
        "index": "Difficulty",
        "circle": "Circle",
        "category": "Category",
        "index_not_made": "not made yet",
        "hardest_first": "The hardest first. ",
        "index_of": "The index is on the facts of {d}; households that changed since were computed anew. ",
        "between_days": "{a} to {b}",
        "index_none": "{n} on this page have none yet: they come last, until the next batch.",
        "narrow": "Narrow",
        "all": "all",
        "new_household": "New household",
    },
}
