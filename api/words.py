"""Words for everything that is a code inside: in Chinese and in English. A code never reaches a screen.

A catalogue of somebody else may use departments or values that are not here; those are shown as they are written, hyphens and
underscores as spaces, since only their authors know better words.
"""

from api.settings import Lang
from api.words_values import VALUES
from matcher.language import Words

W = Words

STATUS = {
    "can": W("可申请", "can apply"),
    "has": W("已享受", "received"),
    "ask": W("待核实", "to be checked"),
    "no": W("不符合", "not eligible"),
    "choice": W("另有更优", "a better one is chosen"),
}
MARK = {"can": "✔", "has": "●", "ask": "?", "no": "–", "choice": "–"}
LAYER = {
    "recognition": W("认定", "Recognition"),
    "insurance": W("保险", "Insurance"),
    "basic": W("基本", "Basic"),
    "special": W("专项", "Special"),
    "emergency": W("急难", "Emergency"),
    "other": W("其他", "Other"),
    "charity": W("慈善", "Charity"),
    "service": W("服务", "Service"),
}
PER = {"month": W("每月", "a month"), "year": W("每年", "a year"), "once": W("一次性", "once"), "week": W("每周", "a week")}
KIND = {
    "cash": W("现金", "money"),
    "in_kind": W("实物", "in kind"),
    "service": W("服务", "service"),
    "fee_waiver": W("费用减免", "fees waived"),
    "insurance": W("保险", "insurance"),
}
PAYS = {
    "entitlement": W("按规定足额发放", "paid as the law says"),
    "reimbursement": W("按实际支出报销", "pays costs back"),
    "discretionary": W("按需要酌情给予", "given by need"),
}
CERTAINTY = {
    "exact": W("金额可算准", "the amount can be computed"),
    "range": W("金额在一个范围内", "the amount lies in a range"),
    "case_by_case": W("金额个案确定", "the amount is set case by case"),
}
UNIT = {"household": W("家庭", "household"), "person": W("个人", "person")}
SOURCE_MARK = {
    "text": W("已核对原文", "read in the text itself"),
    "local": W("依据一地规定", "rule of one place"),
    "secondary": W("转引", "from a secondary source"),
    "derived": W("推算", "derived"),
    "unchecked": W("未核对", "not checked"),
    "illustrative": W("示例", "illustrative"),
}
DEPARTMENT = {
    "agriculture": W("农业农村", "agriculture"),
    "broadcasting": W("广电", "broadcasting"),
    "charity-federation": W("慈善总会", "charity federation"),
    "check": W("民政核对平台", "checking platform"),
    "civil-affairs": W("民政", "civil affairs"),
    "county": W("县级民政", "county civil affairs"),
    "court": W("法院", "court"),
    "disabled-persons-federation": W("残联", "disabled persons' federation"),
    "education": W("教育", "education"),
    "emergency-management": W("应急管理", "emergency management"),
    "health": W("卫生健康", "health"),
    "hospital": W("医院", "hospital"),
    "housing": W("住建", "housing"),
    "human-resources": W("人社", "human resources"),
    "justice": W("司法行政", "justice"),
    "legal-aid": W("法律援助机构", "legal aid"),
    "market-regulation": W("市场监管", "market regulation"),
    "medical-insurance": W("医保", "medical insurance"),
    "natural-resources": W("自然资源", "natural resources"),
    "organisation-department": W("组织部门", "organisation department"),
    "police": W("公安", "police"),
    "power-company": W("供电公司", "power company"),
    "prison": W("监狱", "prison"),
    "religious-affairs": W("宗教事务", "religious affairs"),
    "school": W("学校", "school"),
    "tax": W("税务", "tax"),
    "township": W("乡镇（街道）", "township"),
    "trade-union": W("工会", "trade union"),
    "veterans-affairs": W("退役军人事务", "veterans affairs"),
    "village": W("村（居）委会", "village committee"),
    "visit": W("入户走访", "visit"),
    "applicant": W("本人申报", "applicant"),
    "import": W("批量导入", "import"),
    "case": W("案例", "case"),
    "synthetic": W("合成数据", "synthetic"),
    "rescue-station": W("救助管理站", "rescue station"),
    "federation": W("残联", "disabled persons' federation"),
    "womens-federation": W("妇联", "women's federation"),
    "city": W("市级", "city"),
    "province": W("省级", "province"),
}
DOCUMENT = {
    "ability-assessment": W("能力评估报告", "assessment of abilities"),
    "application-form": W("申请表", "application form"),
    "assessment": W("评估报告", "assessment"),
    "authorisation": W("核对授权书", "authorisation of the check"),
    "consent": W("知情同意书", "consent"),
    "diagnosis": W("诊断证明", "diagnosis"),
    "disability-certificate": W("残疾人证", "disability certificate"),
    "guardian-application": W("监护人申请", "guardian's application"),
    "lease": W("租房合同", "lease"),
    "medical-bills": W("医疗费用票据", "medical bills"),
    "receipts": W("支出票据", "receipts"),
    "safety-report": W("房屋鉴定报告", "report on the building's safety"),
    "school-certificate": W("在学证明", "school certificate"),
    "statement-of-means": W("家庭经济状况申报", "statement of means"),
}
CAVEAT = {
    "refused": W("不予办理", "refused"),
    "applied": W("已申请，等候审核", "applied for, waiting"),
    "closed": W("目前不受理", "takes no applications now"),
    "budget": W("项目资金不足", "the budget does not reach"),
    "no_consent": W("先取得同意书", "consent is needed first"),
    "no_supply_near": W("附近无人，转介", "nobody near: refer"),
    "maybe_received": W("先核实是否已享受", "check first whether it is received"),
    "nothing_left": W("需求已由前面各项补足", "the need is met already"),
}
REFUSAL = {
    "income_over": W("收入超过标准", "income above the limit"),
    "property_over": W("财产超过标准", "property above the limit"),
    "not_member": W("不属于共同生活成员", "not counted as a member of the household"),
    "not_here": W("户籍或居住地不符合", "not registered, or not living, here"),
    "condition_unmet": W("不符合其他规定条件", "another condition is not met"),
    "papers_missing": W("材料不全，限期未补", "papers missing and not brought in time"),
    "no_checking": W("不配合核对或调查", "did not let the facts be checked"),
    "already_aided": W("已享受同类待遇", "aid of the same kind is received already"),
    "withdrew": W("本人撤回申请", "the applicant withdrew"),
}
"""Why an officer refuses; the only reasons that are taken."""
REASON = {
    "fact_unknown": W("还没有核实", "not known yet"),
    "list_incomplete": W("清单可能不全", "the list may have more entries"),
    "no_consent": W("尚无同意书", "no consent yet"),
    "no_standard": W("缺当地标准", "no local standard"),
    "case_by_case": W("个案认定", "decided case by case"),
    "stale": W("信息已过期", "out of date"),
    "not_in_force": W("当地无此规定", "no such rule here"),
    "item_undecided": W("先定前一项", "waits for another item"),
}
SLOT = {
    "government": W("政府", "Government"),
    "charity": W("慈善", "Charity"),
    "social_worker": W("社工", "Social worker"),
    "volunteer": W("志愿者", "Volunteer"),
}
SLOT_REASON = {
    "no_rule": W("本地没有相应政策或项目", "no such rule or project here"),
    "not_eligible": W("现有政策都不符合", "not eligible for any"),
    "fact_unknown": W("要先核实情况", "something must be found out first"),
    "no_need": W("没有这方面的需求", "no need of this kind"),
    "no_consent": W("还没有同意书，不能转介", "no consent yet: may not be referred"),
    "closed": W("项目目前不受理", "the project takes no applications now"),
    "budget": W("项目资金不足", "the budget does not reach"),
    "no_supply_near": W("附近没有能做的人", "nobody near who can do it"),
    "no_hours": W("附近的人工时已满", "those near have no hours left"),
}
RECOGNITION = {"tekun": W("特困", "destitute")}
FACT_TYPE = {
    "yesno": W("是或否", "yes or no"),
    "int": W("整数", "whole number"),
    "number": W("数", "number"),
    "money": W("金额", "money"),
    "text": W("选项", "choice"),
    "date": W("日期", "date"),
    "region": W("区划", "region"),
    "list": W("清单", "list"),
}


def say(words: Words, lang: Lang) -> str:
    """The words in one language."""
    return words.en if lang == "en" else words.zh


def of(table: dict[str, Words], code: str | None, lang: Lang) -> str:
    """The word for a code; one that nobody named is shown as it is written, without its hyphens."""
    if code is None:
        return ""
    found = table.get(code) or table.get(code.replace("_", "-")) or table.get(code.replace("-", "_"))
    return say(found, lang) if found else code.replace("_", " ").replace("-", " ")


def value_word(fact: str, value: str, lang: Lang) -> str:
    """The word for one of a text fact's values: by fact first, then for all facts."""
    return of(VALUES, f"{fact}.{value}" if f"{fact}.{value}" in VALUES else value, lang)


def yes_no(value: bool, lang: Lang) -> str:
    """是, 否."""
    return ("yes" if value else "no") if lang == "en" else ("是" if value else "否")
