"""Files to fill in: tables with an example row, parts of a catalogue with a comment on every key. All of them load as they stand."""

from api.settings import Lang

_TABLES = {
    "household": "id,region,registered_in,residence,true_on\nh-001,371602,371602,{urban},2026-06-30\n",
    "person": (
        "id,household,kin,name,id_card,phone,born,sex,wage_month,disability_grade,true_on\n"
        "p-001,h-001,{head},{name},371602198203051040,13900001234,1982-03-05,{female},1800.50,,2026-06-30\n"
        "p-002,h-001,{parent},,,,1950-07-11,{female},,2,2026-06-30\n"
    ),
    "member": "person,household,kin,from,until\np-001,h-001,{head},2020-01-01,\n",
    "supporter": "person,supporter,duty,from,until\np-002,p-001,{child},,\n",
    "parent": "person,parent\np-001,p-002\n",
    "statement": "person,household,fact,value,true_on\np-001,,wage_month,1800.50,2026-06-30\n,h-001,residence,{urban},2026-06-30\n",
    "bills": (
        "person,key,billed_on,kind,total,out_of_scope,basic_paid,major_paid,aid_paid,commercial_paid,true_on\n"
        "p-001,B20260511-01,2026-05-11,{inpatient},38000,4000,21000,0,0,0,2026-06-30\n"
    ),
    "award": "person,household,policy,paid_on,until,amount,cause,department\n,h-001,dibao,2026-01-10,2026-12-31,812.00,,civil-affairs\n",
    "recognition": "person,household,recognition,from,until,department\n,h-001,dibao,2026-01-10,2026-12-31,civil-affairs\n",
    "consent": (
        "person,scope,purpose,recipient,from,until,withdrawn\np-001,economy,{purpose},binzhou-charity-federation,2026-06-30,2027-06-29,\n"
    ),
}
_WORDS = {
    "zh": {
        **{
            "urban": "城镇",
            "head": "户主",
            "parent": "父母",
            "child": "子女",
            "female": "女",
            "name": "示例姓名",
            "inpatient": "inpatient",
        },
        **{"purpose": "慈善转介"},
    },
    "en": {
        **{"urban": "urban", "head": "head", "parent": "parent", "child": "child", "female": "female", "name": "Example Name"},
        **{"inpatient": "inpatient", "purpose": "referral to charity"},
    },
}

_POLICY = """\
id: my-county-allowance            # {id}
title: {{zh: 本县生活补贴（示例）, en: County living allowance (example)}}
layer: other                       # recognition insurance basic special emergency other service
department: civil-affairs
unit: household                    # household | person
region: "371602"                   # {region}
place: registered                  # registered | living | event | school
in_force: {{from: 2026-01-01}}
source: {{document: 示例文件, article: 第一条, mark: illustrative}}
requires:
  all:
    - {{id: town, says: {{zh: 城镇户籍, en: registered in town}}, when: "residence == 'urban'"}}
benefit:
  kind: cash                       # cash in_kind service fee_waiver insurance
  pays: entitlement                # entitlement reimbursement discretionary
  certainty: exact                 # exact range case_by_case
  covers: [living]                 # {needs}
  amount: yuan(100)
  per: month                       # month year once
procedure: {{accepts: township, decides: county, working_days: 20}}
documents: []
"""
_PROJECT = """\
id: my-relief-fund                 # {id}
title: {{zh: 助困慈善项目（示例）, en: Relief project (example)}}
layer: charity
department: charity-federation
unit: household
region: ["371602"]                 # {region}
place: living
in_force: {{from: 2026-01-01}}
source: {{document: 示例项目书, mark: illustrative}}
requires:
  all:
    - {{id: left, says: {{zh: 仍有大额医疗支出, en: great medical cost left}}, when: left.medical_in_scope > yuan(10000)}}
benefit:
  kind: cash
  pays: discretionary
  certainty: exact
  covers: [medical_in_scope]       # {needs}
  amount: 0.5 * left.medical_in_scope
  cap: yuan(20000)
  per: once
project:
  organisation: binzhou-charity-federation
  budget: 1000000
  places: 50
  consent: required
  open: {{from: 2026-01-01, until: 2026-12-31}}
"""
_TERM = """\
# {term}
id: my_adult
title: {{zh: 已成年（示例）, en: of age (example)}}
unit: person
type: yesno                        # yesno int number money text date
source: {{document: 民法典, article: 第十七条, mark: text}}
is: years_since(born) >= 18
"""
_STANDARD = """\
# {standard}
id: my-standard
title: {{zh: 本县补贴标准（示例）, en: county allowance (example)}}
type: money                        # money number int yesno text codes
per: month
keys: {{residence: [urban, rural]}}
values:
  - {{region: "371602", from: 2026-01-01, document: 示例通知, mark: illustrative, rows: {{urban: 100, rural: 80}}}}
"""
_CASE = """\
# {case}
- name: {name}
  as_of: 2026-08-01
  assumed: {assumed}
  household:
    region: "371602"
    registered_in: "371602"
    residence: urban
    members:
      - {{as: mother, kin: head, born: 1982-03-05}}
      - {{as: child, kin: child, born: 2017-01-20, wage_month: 0}}
    awards: []
  expect: {{dibao: unknown}}
"""
_COMMENTS = {
    "zh": {
        "id": "小写字母和连字符；同一编号可按地区、时间有多个版本",
        "region": "行政区划代码要加引号；多个地区写成清单",
        "needs": "needs.yaml 中的需求编号，按支付先后",
        "term": "术语：条文由事实得出的结论；用在规则里时连字符写成下划线",
        "standard": "标准：按地区、时间变化的金额或表，金额以元计",
        "case": "案例：aidgraph cases 本文件；没写的事实即不知道，写出的清单即完整",
        "name": "没有工资数据时说不准（示例）",
        "assumed": "来源没有提到的情况写在这里",
    },
    "en": {
        "id": "lower-case words joined by hyphens; one id may have versions by region and time",
        "region": "region codes are quoted; several regions are a list",
        "needs": "ids of needs.yaml, in order of payment",
        "term": "A term: what an article decides from facts",
        "standard": "A standard: an amount or table that changes by place and year, money in yuan",
        "case": "A case: aidgraph cases THIS-FILE; a fact left out is not known, a list given is whole",
        "name": "without wages nothing can be said (example)",
        "assumed": "whatever the source does not say stands here",
    },
}
_PARTS = {"policy": _POLICY, "project": _PROJECT, "term": _TERM, "standard": _STANDARD, "case": _CASE}
TEMPLATES = (*_TABLES, *_PARTS)


def template_text(kind: str, lang: Lang) -> str:
    """The template of a kind in a language; tables begin with a mark so that Excel reads them as UTF-8."""
    if kind in _TABLES:
        return "\ufeff" + _TABLES[kind].format(**_WORDS[lang])
    return _PARTS[kind].format(**_COMMENTS[lang])
